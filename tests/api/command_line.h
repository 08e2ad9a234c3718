// What tests of the commands that work on a running exchange share.
#pragma once

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "api/world.h"
#include "cli/exchange_session.h"
#include "cli/signals.h"

namespace meetpoint::tests {

struct Ran {
    int code = -1;
    std::string out, err;
};

// Every thread of the exchange must leave SIGINT to the command that waits for it; this comes before they start.
struct SignalsKept {
    cli::StopSignals signals;
};

class CommandLineTest : private SignalsKept, public WorldTest {
protected:
    using WorldTest::WorldTest;
    // The secret of a client in a file, as `meetpoint init` writes it.
    cli::ExchangeAccess accessOf(const json::object& wanted) {
        const json::value made = world.platform.done("/v1/clients", wanted);
        const auto file = folder_.path() / (textAt(made, "/clientId") + ".json");
        std::ofstream(file) << json::serialize(made);
        cli::ExchangeAccess access;
        access.url = exchange.url();
        access.secretFile = file;
        return access;
    }
    cli::ExchangeAccess ofAlp() {
        return accessOf({{"name", "Alp's scripts"}, {"role", "carrier"}, {"carriers", json::array{world.alpId}}});
    }
    cli::ExchangeAccess ofAcme() {
        return accessOf({{"name", "Acme's scripts"}, {"role", "tenant"}, {"tenantId", world.acmeId}});
    }
    std::string file(const std::string& name, const std::string& content) {
        std::ofstream(folder_.path() / name) << content;
        return folder_.path() / name;
    }

private:
    TemporaryFolder folder_;
};

inline std::size_t linesOf(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

// What a command has printed so far; those who wait are woken when it flushes.
class WatchedOutput final : public std::stringbuf {
public:
    int sync() override {
        const std::lock_guard lock(mutex_);
        flushed_ = str();
        changed_.notify_all();
        return 0;
    }
    testing::AssertionResult shows(const std::string& text) {
        std::unique_lock lock(mutex_);
        if (changed_.wait_for(lock, std::chrono::seconds(60), [&] { return flushed_.find(text) != std::string::npos; }))
            return testing::AssertionSuccess();
        return testing::AssertionFailure() << "'" << text << "' is not in:\n" << flushed_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string flushed_;
};

}  // namespace meetpoint::tests
