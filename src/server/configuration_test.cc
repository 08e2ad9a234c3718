#include "server/configuration.h"

#include <fstream>

#include <gtest/gtest.h>

namespace meetpoint::server {
namespace {

class ConfigurationFile : public testing::Test {
protected:
    ~ConfigurationFile() override { std::filesystem::remove(path_); }
    Result<Configuration> read(const std::string& text) {
        std::ofstream(path_) << text;
        return readConfiguration(path_);
    }
    std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                  ("meetpoint-configuration-" + std::to_string(::getpid()) + "-" +
                                   testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml");
};

TEST_F(ConfigurationFile, SetsWhatItNamesAndKeepsTheRest) {
    const auto configuration =
        read("[listen]\nport = 9000\nidleTimeoutMs = 1500\n[data]\nfolder = \"/var/lib/meetpoint\"\n");
    ASSERT_TRUE(configuration) << configuration.error().message;
    EXPECT_EQ(configuration->port, 9000);
    EXPECT_EQ(configuration->http.idleTimeout, milliseconds(1500));
    EXPECT_EQ(configuration->data, "/var/lib/meetpoint");
    EXPECT_EQ(configuration->limits.feedPage, Configuration().limits.feedPage);
}

TEST_F(ConfigurationFile, ReadsWhetherAndLists) {
    const auto configuration = read("[webhooks]\nallowPrivateAddresses = true\nretriesMs = [100, 2000]\n");
    ASSERT_TRUE(configuration) << configuration.error().message;
    EXPECT_TRUE(configuration->webhooks.rules.allowsPrivateAddresses);
    EXPECT_FALSE(configuration->webhooks.rules.allowsPlainHttp);
    EXPECT_EQ(configuration->webhooks.limits.retries, (std::vector{milliseconds(100), seconds(2)}));
}

TEST_F(ConfigurationFile, NamesTheLineAndTheSettingThatIsWrong) {
    const auto expect = [&](const std::string& text, const std::string& part) {
        const auto result = read(text);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, "bad-configuration");
        EXPECT_NE(result.error().message.find(part), std::string::npos) << result.error().message;
    };
    expect("[listen]\nprot = 9000\n", ":2: there is no setting 'listen.prot'");
    expect("[listen]\n\nport = 99999\n", ":3: 'listen.port' must be a whole number from 0 to 65535");
    expect("[listen]\nport = \"9000\"\n", "'listen.port' must be a whole number");
    expect("[listen]\naddress = 5\n", "'listen.address' must be a text");
    expect("[webhooks]\nallowHttp = 1\n", ":2: 'webhooks.allowHttp' must be true or false");
    expect("[webhooks]\nretriesMs = 5\n", "'webhooks.retriesMs' must be a list of at most 32");
    expect("[webhooks]\nretriesMs = [5,\n-1]\n", ":3: 'webhooks.retriesMs' must be a whole number from 0");
    expect("port = 5\n", "outside a section");
    expect("[listen\n", ":1: ");
    expect("[listen]\nkeyFile = \"k.pem\"\n", "both or neither");
    expect("[listen]\npublicUrl = \"exchange.example.com\"\n", "listen.publicUrl must be like https://");
    expect("[listen]\npublicUrl = \"https://exchange.example.com/\"\n", "without a slash");
    EXPECT_EQ(readConfiguration("/nowhere/meetpoint.toml").error().code, "file-not-readable");
}

}  // namespace
}  // namespace meetpoint::server
