#include "cli/compare.h"

#include <charconv>
#include <fstream>
#include <ostream>
#include <thread>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "cli/compare_matches.h"
#include "cli/compare_report.h"
#include "cli/compare_sums.h"
#include "reconcile/reconcile.h"
#include "reconcile/report_csv.h"
#include "reconcile/report_html.h"

namespace meetpoint::cli {
namespace {

// A file of this size is long enough to show how far the reading is.
constexpr std::uint64_t longFileBytes = 32u << 20;

int report(std::ostream& err, const Error& error, int code) {
    err << "meetpoint compare: " << error.message << '\n';
    for (const Fault& fault : error.faults) {
        if (fault.message == error.message) continue;
        err << "  " << (fault.line > 0 ? "line " + std::to_string(fault.line) + ": " : "")
            << (fault.pointer.empty() ? "" : fault.pointer + ": ") << fault.message << '\n';
    }
    return code;
}

// "2", "2s", "0.5" seconds, or "1.5%".
Result<void> readTolerance(std::string_view text, reconcile::Options& options) {
    if (text.empty()) return {};
    const bool percent = text.ends_with('%');
    std::string_view digits = text;
    if (percent || text.ends_with('s')) digits.remove_suffix(1);
    double value = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (problem != std::errc() || end != digits.data() + digits.size() || !(value >= 0) ||
        value > (percent ? 100 : 86'400))
        return fail(invalidInput(
            "bad-tolerance", "--tolerance '" + std::string(text) + "' is neither seconds (2) nor a percentage (1.5%)"));
    percent ? options.toleranceShare = value / 100 : options.tolerance.ms = static_cast<std::int64_t>(value * 1000);
    return {};
}

Result<std::optional<formats::Format>> readFormat(const std::string& own, const std::string& both) {
    const std::string& word = own.empty() ? both : own;
    if (word.empty()) return std::nullopt;
    const auto format = formats::formatNamed(word);
    if (!format)
        return fail(
            invalidInput("bad-format", "the format '" + word + "' is none of ndjson, json, csv, asterisk, mapped"));
    return format;
}

Result<reconcile::Language> readLanguage(const std::string& word) {
    const auto language = reconcile::languageOf(word);
    if (!language) return fail(invalidInput("bad-language", "the language '" + word + "' is none of en, zh-Hant, ja"));
    return *language;
}

Result<formats::FileOptions> fileOptions(const CompareOptions& options, bool ours) {
    formats::FileOptions out;
    TRY_ASSIGN(out.format, readFormat(ours ? options.oursFormat : options.theirsFormat, options.format));
    formats::ReadOptions& read = out.read;
    read.now = SystemClock().now();
    read.defaultRegion = options.region;
    read.textOwnNumbers = true;
    read.lenient = true;
    // A duration that its own times contradict (rounded up, hung) is what a comparison is there to show, not a bad row.
    read.limits.durationSlack = read.limits.longestCall;
    read.sourceName = ours ? "ours" : "theirs";
    const std::string& own = ours ? options.oursZone : options.theirsZone;
    const std::string& zone = own.empty() ? options.zone : own;
    if (!zone.empty()) {
        TRY_ASSIGN(read.timeZone, TimeZone::load(zone));
    }
    if (!options.columnMap.empty()) {
        TRY_ASSIGN(formats::ColumnMap map,
                   formats::loadColumnMap(options.columnMap, ours ? formats::MapSide::ours : formats::MapSide::theirs));
        read.columnMap = std::make_shared<const formats::ColumnMap>(std::move(map));
    }
    return out;
}

Result<formats::FileRead> readSide(const std::string& path, columns::LaneKind lane, const formats::FileOptions& options,
                                   std::ostream& err, bool terminal) {
    bool shown = false;
    const auto progress = [&](std::uint64_t done, std::uint64_t size) {
        if (terminal && size >= longFileBytes) {
            err << "\rReading " << path << ": " << (done * 100 / size) << " %" << std::flush;
            shown = true;
        }
        return true;
    };
    auto read = formats::readFile(path, lane, options, progress);
    if (shown) err << "\r\033[K" << std::flush;
    return read;
}

// Rows that could not be read: named on `err`, the first of each file in full.
void reportFaults(std::ostream& err, const std::string& name, const formats::FileRead& read) {
    constexpr std::size_t shown = 10;
    for (std::size_t i = 0; i < std::min(shown, read.faults.size()); ++i) {
        const formats::RecordFault& fault = read.faults[i];
        err << name << ':' << fault.line << ": " << (fault.pointer.empty() ? "" : fault.pointer + ": ") << fault.message
            << " (" << fault.code << ")\n";
    }
    if (read.counts.faulted > shown)
        err << name << ": " << read.counts.faulted - shown << " more rows could not be read\n";
}

Result<void> writeFile(const std::string& path, const std::function<void(std::ostream&)>& write) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    if (file) {
        write(file);
        file.flush();
    }
    if (!file) return fail(Error{ErrorKind::unavailable, "file-not-writable", path + ": cannot be written", {}, {}, 0});
    return {};
}

Result<void> writeAll(const Comparison& comparison, const CompareOptions& options, reconcile::Language language,
                      std::ostream& out, bool terminal) {
    if (!options.matches.empty())
        TRY(writeFile(options.matches, [&](std::ostream& file) { writeMatches(comparison, file); }));
    if (!options.html.empty())
        TRY(writeFile(options.html,
                      [&](std::ostream& file) { reconcile::writeHtml(comparison.report, language, file); }));
    if (!options.csv.empty())
        TRY(writeFile(options.csv, [&](std::ostream& file) { file << reconcile::reportCsv(comparison.report); }));
    options.json ? writeJson(comparison, out) : writeReport(comparison, out, terminal);
    return {};
}

}  // namespace

int runCompare(const CompareOptions& options, std::ostream& out, std::ostream& err, bool terminal) {
    reconcile::Options wanted;
    wanted.defaultRegion = options.region;
    wanted.threads = std::max(1u, std::thread::hardware_concurrency());
    if (const auto read = readTolerance(options.tolerance, wanted); !read) return report(err, read.error(), exitUsage);
    const auto ourOptions = fileOptions(options, true);
    if (!ourOptions) return report(err, ourOptions.error(), exitUsage);
    const auto theirOptions = fileOptions(options, false);
    if (!theirOptions) return report(err, theirOptions.error(), exitUsage);

    const auto language = readLanguage(options.language);
    if (!language) return report(err, language.error(), exitUsage);

    auto ours = readSide(options.ours, columns::LaneKind::calls, *ourOptions, err, terminal);
    if (!ours) return report(err, ours.error(), exitFailure);
    auto theirs = readSide(options.theirs, columns::LaneKind::durations, *theirOptions, err, terminal);
    if (!theirs) return report(err, theirs.error(), exitFailure);
    reportFaults(err, options.ours, *ours);
    reportFaults(err, options.theirs, *theirs);

    Comparison comparison{options.ours, options.theirs, std::move(*ours), std::move(*theirs), {}};
    comparison.outcome = reconcile::reconcile(comparison.ours.records, comparison.theirs.records, wanted);
    comparison.report = reportOf(comparison);
    if (const auto written = writeAll(comparison, options, *language, out, terminal); !written)
        return report(err, written.error(), exitFailure);
    const bool unread = comparison.ours.counts.faulted + comparison.theirs.counts.faulted > 0;
    return comparison.outcome.hasDifferences() || unread ? exitDifferences : exitFine;
}

void addCompareCommand(CLI::App& app, std::function<void(const CompareOptions&)> run) {
    auto options = std::make_shared<CompareOptions>();
    CLI::App* command = app.add_subcommand("compare", "Reconcile two call files and explain the difference");
    command->add_option("OURS", options->ours, "The platform's calls")->required();
    command->add_option("THEIRS", options->theirs, "The carrier's call durations")->required();
    command->add_option("--format", options->format, "Format of both files: ndjson, json, csv, asterisk, mapped");
    command->add_option("--ours-format", options->oursFormat, "Format of OURS");
    command->add_option("--theirs-format", options->theirsFormat, "Format of THEIRS");
    command->add_option("--column-map", options->columnMap, "TOML file that says what the columns mean");
    command->add_option("--zone", options->zone, "Time zone of local times in both files, e.g. Europe/Zurich");
    command->add_option("--ours-zone", options->oursZone, "Time zone of local times in OURS");
    command->add_option("--theirs-zone", options->theirsZone, "Time zone of local times in THEIRS");
    command->add_option("--region", options->region, "Country of numbers without a country code, e.g. CH");
    command->add_option("--tolerance", options->tolerance, "Agreed tolerance: seconds (2) or a share (1%)");
    command->add_option("--matches", options->matches, "Write one line of JSON an item to this file");
    command->add_option("--html", options->html, "Write the report as one HTML page to this file");
    command->add_option("--language", options->language, "Of the page: en, zh-Hant, ja")->capture_default_str();
    command->add_option("--csv", options->csv, "Write the report as CSV to this file, a line a figure");
    command->add_flag("--json", options->json, "Print the report as JSON");
    command->callback([options, run = std::move(run)] { run(*options); });
}

}  // namespace meetpoint::cli
