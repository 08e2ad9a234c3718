// Any bytes as a user in SCIM's form, as a change of one, and as a filter: refused with a code of ours, or read so that
// what is written of it is read back the same.
#include "api/scim_user.h"

namespace {

bool isSame(const meetpoint::store::Target& a, const meetpoint::store::Target& b) {
    return meetpoint::api::scimUser(a, "/here") == meetpoint::api::scimUser(b, "/here");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    store::Target user;
    if (api::readScimUser(text, user)) {
        store::Target again;
        const std::string written = boost::json::serialize(api::scimUser(user, "/here"));
        if (!api::readScimUser(written, again) || !isSame(user, again)) __builtin_trap();
    }
    store::Target patched;
    if (const auto done = api::patchScimUser(text, patched); !done && done.error().code.empty()) __builtin_trap();
    store::TargetQuery query;
    if (const auto done = api::readScimFilter(text, query); !done && done.error().code != "scim-invalid-filter")
        __builtin_trap();
    return 0;
}
