// Runs a fuzz target without libFuzzer: over the files of the folders given, over every shorter beginning of each, over
// the same bytes with one of them changed, and over a few inputs that break parsers of any kind. The same inputs every
// time.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t cutsPerSeed = 200;
constexpr std::size_t changesPerSeed = 300;

void run(const std::string& input) {
    // A copy of exactly this size, so that AddressSanitizer sees a read past its end.
    const std::vector<std::uint8_t> bytes(input.begin(), input.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::vector<std::string> builtInSeeds() {
    return {"",
            std::string(1, '\0'),
            std::string(300, '\0'),
            std::string(300, '\xff'),
            "\r\n\r\n",
            "\xef\xbb\xbf{}",
            "{\"a\":[1,2,{\"b\":null}]}",
            std::string(2000, '['),
            std::string(2000, '"'),
            std::string(2000, ','),
            "9223372036854775808,-9223372036854775809,1e999,-0.0,NaN",
            "\xc3\x28 \xed\xa0\x80 \xf0\x9f\x93\x9e"};
}

std::vector<std::string> filesOf(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.is_regular_file()) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> files;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return files;
}

void runAround(const std::string& seed) {
    run(seed);
    const std::size_t step = std::max<std::size_t>(1, seed.size() / cutsPerSeed);
    for (std::size_t length = 0; length < seed.size(); length += step)
        run(seed.substr(0, length));
    if (seed.empty()) return;
    std::mt19937 random(static_cast<std::uint32_t>(seed.size()));
    for (std::size_t i = 0; i < changesPerSeed; ++i) {
        std::string changed = seed;
        changed[random() % changed.size()] = static_cast<char>(random());
        run(changed);
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::size_t fromFiles = 0;
    for (int i = 1; i < argc; ++i) {
        if (!std::filesystem::is_directory(argv[i])) {
            std::fprintf(stderr, "%s: no such folder; every fuzz target has seeds in tests/fuzz/corpus\n", argv[i]);
            return 1;
        }
        for (const std::string& seed : filesOf(argv[i])) {
            runAround(seed);
            ++fromFiles;
        }
    }
    for (const std::string& seed : builtInSeeds())
        runAround(seed);
    std::printf("%zu seeds from files, %zu built in\n", fromFiles, builtInSeeds().size());
    return fromFiles > 0 ? 0 : 1;
}
