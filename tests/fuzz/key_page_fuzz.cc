// Any bytes as a page of the key index: refused or read, never out of bounds; what was read packs and reads again as it
// was.
#include "store/key_pages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meetpoint::store;
    std::vector<KeyEntry> entries, again;
    if (!readKeyPage({data, size}, entries) || entries.empty()) return 0;
    if (entries.size() > 65'535) return 0;
    if (!readKeyPage(packKeyPage(entries), again) || again.size() != entries.size()) __builtin_trap();
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (again[i].hash != entries[i].hash || again[i].place != entries[i].place ||
            again[i].version != entries[i].version || again[i].fingerprint != entries[i].fingerprint)
            __builtin_trap();
    return 0;
}
