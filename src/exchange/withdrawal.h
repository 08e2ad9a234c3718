// Taking an upload of durations back that was made by mistake: of each record that it brought, a further revision says
// that it is withdrawn. Nothing is deleted; whoever reads versions sees both, and everything else counts neither.
#pragma once

#include "exchange/services.h"
#include "store/receipts.h"

namespace meetpoint::exchange {

struct Withdrawal {
    store::Upload upload;
    std::uint64_t withdrawn = 0;  // records that this request took back
    std::uint64_t overtaken = 0;  // records of which a later revision is stored, which stays
};

// `reason`: for people, 1 to 500 characters. Chunk by chunk, each for itself and once: where it broke off, asking again
// goes on. Codes: not-found where the caller did not send it; "not-withdrawable" (an upload of calls, or one that was
// stored by a version which kept no account of it), "upload-unfinished" (it may be going on still). Blocks.
Result<Withdrawal> withdrawUpload(const Services& services, const domain::Caller& caller, const Id& id,
                                  const std::string& reason);

}  // namespace meetpoint::exchange
