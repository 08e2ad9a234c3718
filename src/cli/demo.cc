#include "cli/demo.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <CLI/CLI.hpp>
#include <fmt/ostream.h>

#include "cli/demo_report.h"
#include "cli/demo_steps.h"
#include "cli/demo_world.h"
#include "cli/exit_codes.h"
#include "cli/outcome_text.h"
#include "cli/private_file.h"
#include "cli/signals.h"
#include "server/server.h"

namespace meetpoint::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t usageTenant = 0;
constexpr std::size_t triedCarrier = 0;  // whose credentials are laid out to try the API with
// The parties meet before the first call.
constexpr Duration setUpAhead = hours(36);

// The folder of the store; one that was made for the demo goes with it.
class DemoFolder {
public:
    static Result<std::unique_ptr<DemoFolder>> open(const std::string& wanted) {
        if (!wanted.empty()) return std::unique_ptr<DemoFolder>(new DemoFolder(wanted, false));
        std::string name = (fs::temp_directory_path() / "meetpoint-demo-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            return fail(Error{ErrorKind::unavailable,
                              "no-temporary-folder",
                              std::string("No temporary folder could be made (") + std::strerror(errno) +
                                  "). Name a folder with --data.",
                              {},
                              {},
                              0});
        return std::unique_ptr<DemoFolder>(new DemoFolder(name, true));
    }
    ~DemoFolder() {
        std::error_code left;  // what cannot be removed is a sandbox in the temporary folder
        if (temporary_) fs::remove_all(path_, left);
    }
    DemoFolder(const DemoFolder&) = delete;
    DemoFolder& operator=(const DemoFolder&) = delete;
    const fs::path& path() const { return path_; }

private:
    DemoFolder(fs::path path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}

    fs::path path_;
    bool temporary_;
};

// One line that is written over, for a person who waits.
class Progress {
public:
    Progress(std::ostream& err, bool terminal) : err_(err), terminal_(terminal) {}
    ~Progress() { clear(); }
    void show(const std::string& what) {
        clear();
        if (!terminal_) return;
        err_ << what << " …" << std::flush;
        shown_ = true;
    }
    void clear() {
        if (shown_) err_ << "\r\033[K" << std::flush;
        shown_ = false;
    }

private:
    std::ostream& err_;
    bool terminal_;
    bool shown_ = false;
};

// The demo from an empty folder to the report.
class Demo {
public:
    Demo(const DemoOptions& options, const Clock& clock, const StopSignals& signals, std::ostream& out,
         std::ostream& err, bool terminal)
        : options_(options),
          clock_(clock),
          signals_(signals),
          out_(out),
          progress_(err, terminal),
          terminal_(terminal),
          week_(sampleWeek(options.seed, {dayOf(clock.now()).number - 1})) {}

    Result<void> run() {
        TRY_ASSIGN(folder_, DemoFolder::open(options_.data));
        clock_.moveTo(startOf(week_.firstDay) - setUpAhead);
        TRY(step("Making the store"));
        server::Configuration configuration;
        configuration.data = folder_->path();
        configuration.port = static_cast<std::uint16_t>(options_.port);
        configuration.operationsPort = 0;
        // The story says when a day is run.
        configuration.reconciliation.settle = configuration.reconciliation.closeAfter = days(3'650);
        TRY_ASSIGN(const server::FirstClient first,
                   server::initialise(configuration, exchange::StoreKind::sandbox, clock_, random_, makeLog("warn")));
        TRY_ASSIGN(server_, server::Server::start(configuration, clock_, random_, makeLog("warn")));
        baseUrl_ = fmt::format("http://{}:{}", configuration.address, server_->port());
        DemoSteps steps(baseUrl_, clock_, options_.seed, week_, [this](const std::string& what) { return step(what); });
        TRY(steps.run(first.clientId, first.secret));
        TRY(report(steps));
        if (options_.exit) return {};
        return keepServing(steps.cast().carriers[triedCarrier]);
    }

private:
    Result<void> step(const std::string& what) {
        if (signals_.came())
            return fail(
                Error{ErrorKind::unavailable, "interrupted", "Interrupted before the report was ready.", {}, {}, 0});
        progress_.show(what);
        return {};
    }

    Result<void> report(DemoSteps& steps) {
        TRY(step("Reading the results"));
        DemoReport report{options_.seed, week_, steps.story(), {}, usageTenant, {}};
        for (std::size_t carrier = 0; carrier < demoCarriers().size(); ++carrier) {
            TRY_ASSIGN(CarrierView view,
                       readCarrierView(steps.cast().carriers[carrier].api, steps.story().days[carrier]));
            report.carriers.push_back(std::move(view));
        }
        TRY_ASSIGN(report.usage, readUsageView(steps.cast().tenants[usageTenant].api, week_.firstDay, week_.lastDay()));
        progress_.clear();
        writeDemoReport(report, out_, terminal_);
        return {};
    }

    Result<void> keepServing(const DemoClient& carrier) {
        const fs::path file = fs::absolute(folder_->path()) / "carrier.curl";
        TRY(writePrivately(file, fmt::format("user = \"{}:{}\"\n", carrier.clientId, carrier.secret)));
        const std::string heading = "Try it yourself";
        out_ << '\n' << heading << '\n' << std::string(heading.size(), '=') << '\n';
        out_ << wrapped(fmt::format("The exchange keeps serving {} until Ctrl-C{}. As {}, whose credentials "
                                    "only you can read in {}:",
                                    baseUrl_, options_.data.empty() ? ", which also removes its data" : "",
                                    demoCarriers()[triedCarrier].name, file.string()),
                        0, 0);
        // Each a line to copy: never broken.
        out_ << "\n  TOKEN=$(curl -sK " << file.string() << " -d grant_type=client_credentials " << baseUrl_
             << R"sh(/oauth2/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/'))sh" << '\n';
        out_ << "\n  curl -s -H \"Authorization: Bearer $TOKEN\" '" << baseUrl_ << "/v1/feeds/calls?limit=2'\n\n";
        out_.flush();
        signals_.wait();
        server_->stop();
        return {};
    }

    const DemoOptions& options_;
    ReplayClock clock_;
    const StopSignals& signals_;
    std::ostream& out_;
    Progress progress_;
    bool terminal_;
    SampleWeek week_;
    SystemRandom random_;
    std::string baseUrl_;
    // The server goes before its folder.
    std::unique_ptr<DemoFolder> folder_;
    std::unique_ptr<server::Server> server_;
};

}  // namespace

int runDemo(const DemoOptions& options, const Clock& clock, std::ostream& out, std::ostream& err, bool terminal) {
    const StopSignals signals;
    const auto done = Demo(options, clock, signals, out, err, terminal).run();
    if (done) return exitFine;
    fmt::print(err, "meetpoint demo: {}\n", done.error().message);
    for (const Fault& fault : done.error().faults)
        fmt::print(err, "  {}: {}\n", fault.pointer, fault.message);
    return exitFailure;
}

void addDemoCommand(CLI::App& app, std::function<void(const DemoOptions&)> run) {
    auto options = std::make_shared<DemoOptions>();
    CLI::App* command =
        app.add_subcommand("demo", "Run the exchange on sample data, print a report, and keep serving until Ctrl-C");
    command->add_flag("--exit", options->exit, "End after the report");
    command->add_option("--data", options->data,
                        "Folder for the store, kept afterwards; left out: a temporary one, removed at the end");
    command->add_option("--port", options->port, "Port of the API; 0 takes a free one")
        ->capture_default_str()
        ->check(CLI::Range(0, 65535));
    command->add_option("--seed", options->seed, "Of the sample calls: the same seed gives the same report")
        ->capture_default_str();
    command->callback([options, run = std::move(run)] { run(*options); });
}

}  // namespace meetpoint::cli
