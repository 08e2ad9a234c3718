#include "merged_store.h"

#include <chrono>
#include <fstream>
#include <thread>

namespace meetpoint::bench {

namespace fs = std::filesystem;

Result<fs::path> writeConfiguration(const fs::path& folder, std::string_view further) {
    const fs::path file = folder / "bench.toml";
    std::ofstream out(file);
    // Days of the past would be reconciled as soon as their calls are there, beside what is measured.
    out << "[operations]\nlogLevel = \"error\"\n[reconciliation]\nsettleMs = 86400000000\n" << further;
    if (!out.flush()) return fail(internalError("the configuration could not be written"));
    return file;
}

void waitForUpkeep(const fs::path& wal) {
    constexpr int quietLooks = 6, looks = 1'200;
    constexpr auto betweenLooks = std::chrono::milliseconds(500);
    fs::file_time_type before;
    for (int quiet = 0, look = 0; quiet < quietLooks && look < looks; ++look) {
        std::this_thread::sleep_for(betweenLooks);
        std::error_code gone;  // no log: nothing is written
        const auto written = fs::last_write_time(wal, gone);
        quiet = written == before ? quiet + 1 : 0;
        before = written;
    }
}

}  // namespace meetpoint::bench
