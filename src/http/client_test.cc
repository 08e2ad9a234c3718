// The outbound client against our own listener, plain and with TLS.
#include "http/client.h"

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "http/test_support.h"

namespace meetpoint::http {
namespace {

// A self-signed certificate for localhost, in files that are removed at the end.
class CertificateFiles {
public:
    CertificateFiles()
        : folder_(std::filesystem::temp_directory_path() / ("http-client-test-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder_);
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
        const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
        X509_set_version(made.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
        X509_set_pubkey(made.get(), key.get());
        X509_NAME* name = X509_get_subject_name(made.get());
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1,
                                   -1, 0);
        X509_set_issuer_name(made.get(), name);
        X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
        X509_add_ext(made.get(), names, -1);
        X509_EXTENSION_free(names);
        X509_sign(made.get(), key.get(), EVP_sha256());
        write(certificate(), [&](FILE* file) { PEM_write_X509(file, made.get()); });
        write(keyFile(),
              [&](FILE* file) { PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    }
    ~CertificateFiles() { std::filesystem::remove_all(folder_); }
    std::string certificate() const { return folder_ / "certificate.pem"; }
    std::string keyFile() const { return folder_ / "key.pem"; }

private:
    template <class F>
    void write(const std::string& path, F function) {
        FILE* file = std::fopen(path.c_str(), "w");
        ASSERT_NE(file, nullptr);
        function(file);
        std::fclose(file);
    }
    std::filesystem::path folder_;
};

class ClientTest : public testing::Test {
protected:
    void SetUp() override {
        add(endpoint(post("/v1/echo"), "echo")
                .open()
                .wholeBody({"*/*"}, textSchema(), "")
                .answersNothing(200, "")
                .handle([](const Request& request) -> Result<Response> { return plainText(request.body); }));
        add(endpoint(http::get("/v1/who"), "who")
                .open()
                .answersNothing(200, "")
                .handle([](const Request& request) -> Result<Response> {
                    return plainText(request.clientCertificate ? "certificate" : "nobody");
                }));
        add(endpoint(http::get("/v1/large"), "large")
                .open()
                .answersNothing(200, "")
                .handle([](const Request&) -> Result<Response> { return plainText(std::string(3'000'000, 'x')); }));
        add(endpoint(http::get("/v1/stuck"), "stuck")
                .open()
                .answersNothing(200, "")
                .handle([this](const Request&) -> Result<Response> {
                    release.wait();
                    return noContent();
                }));
    }
    void add(Endpoint endpoint) { ASSERT_TRUE(server.endpoints.add(std::move(endpoint))); }
    // Closes all connections; the same place is served again.
    void restart() {
        const std::uint16_t port = server.listener->port();
        server.listener->stop(seconds(10));
        server.listener.reset();
        server.options.port = port;
        server.start();
    }
    Gate release;
    TestServer server;
};

TEST_F(ClientTest, KeepsItsConnectionAndTakesANewOneWhenItWasClosed) {
    server.start();
    Client client;
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(client.send({"POST", server.url("/v1/echo"), {}, "a"})->body, "a");
    EXPECT_NE(server.metrics.text().find("http_connections_total 1"), std::string::npos);
    restart();
    EXPECT_EQ(client.send({"GET", server.url("/v1/who")})->body, "nobody");
}

TEST_F(ClientTest, ABodyThatCannotBeSentAgainGoesToAConnectionThatIsOpen) {
    server.start();
    Client client;
    EXPECT_EQ(client.send({"GET", server.url("/v1/who")})->body, "nobody");
    restart();
    ClientRequest request{"POST", server.url("/v1/echo"), {{"Content-Type", "text/plain"}}};
    request.source = [pieces = 0]() mutable -> Result<std::optional<std::string>> {
        return pieces++ < 3 ? std::optional<std::string>("piece ") : std::nullopt;
    };
    const auto answer = client.send(request);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "piece piece piece ");
}

TEST_F(ClientTest, KeepsItsLimits) {
    server.start();
    ClientOptions options;
    options.bodyBytes = 1'000'000;
    options.readTimeout = milliseconds(50);
    options.allowAddress = [](const std::string& address) { return address == "127.0.0.1"; };
    Client client(options);
    EXPECT_EQ(client.send({"GET", server.url("/v1/large")}).error().code, "answer-too-large");
    EXPECT_EQ(client.send({"GET", server.url("/v1/stuck")}).error().code, "client-timeout");
    release.open();
    EXPECT_EQ(Client().send({"GET", server.url("/v1/large")})->body.size(), 3'000'000u);
    options.allowAddress = [](const std::string&) { return false; };
    EXPECT_EQ(Client(options).send({"GET", server.url("/v1/who")}).error().code, "address-refused");
    const std::string url = server.url("/v1/who");
    server.listener->stop(seconds(10));
    EXPECT_EQ(Client().send({"GET", url}).error().code, "cannot-connect");
}

TEST_F(ClientTest, CutsALongAnswerWhereThatIsWanted) {
    server.start();
    ClientOptions options;
    options.bodyBytes = 4'096;
    options.longAnswers = LongAnswers::cut;
    Client client(options);
    for (int i = 0; i < 2; ++i) {
        const auto cut = client.send({"GET", server.url("/v1/large")});
        ASSERT_TRUE(cut) << cut.error().message;
        EXPECT_EQ(cut->status, 200);
        EXPECT_EQ(cut->body, std::string(4'096, 'x'));
    }
    EXPECT_EQ(client.send({"GET", server.url("/v1/who")})->body, "nobody") << "nothing is left over of the long one";
}

TEST_F(ClientTest, TakesAConnectionEachWhereThatIsWanted) {
    server.start();
    ClientOptions options;
    options.connections = Connections::oneEach;
    std::vector<std::string> asked;
    options.allowAddress = [&](const std::string& address) {
        asked.push_back(address);
        return true;
    };
    Client client(options);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(client.send({"GET", server.url("/v1/who")})->body, "nobody");
    EXPECT_EQ(asked, std::vector<std::string>(3, "127.0.0.1")) << "asked once a connection";
}

TEST_F(ClientTest, RefusesWhatItMustNotSend) {
    Client client;
    for (auto url : {"ftp://x/", "http://", "/v1", "http://a@b/", "http://x:99999999/", "http://x/a b", "http://x:/"})
        EXPECT_EQ(client.send({"GET", url}).error().code, "bad-url") << url;
    EXPECT_EQ(client.send({"GET", "http://127.0.0.1:1/", {{"A", "b\r\nC: d"}}}).error().code, "bad-header");
    EXPECT_EQ(client.send({"GE T", "http://127.0.0.1:1/"}).error().code, "bad-header");
    ClientRequest failing{"POST", "http://127.0.0.1:1/"};
    EXPECT_EQ(client.send(failing).error().code, "cannot-connect");
}

TEST_F(ClientTest, ACallThatWaitsCanBeGivenUpFromAnotherThread) {
    server.start();
    Client client;
    EXPECT_EQ(client.send({"GET", server.url("/v1/who")})->body, "nobody");
    std::optional<Result<ClientResponse>> answered;
    std::thread waiting([&] { answered.emplace(client.send({"GET", server.url("/v1/stuck")})); });
    // Until the request has reached its handler.
    while (server.metrics.text().find("http_requests_in_flight 1") == std::string::npos)
        std::this_thread::yield();
    client.cancel();
    waiting.join();
    ASSERT_FALSE(*answered);
    EXPECT_EQ(answered->error().code, "cancelled");
    EXPECT_EQ(client.send({"GET", server.url("/v1/who")}).error().code, "cancelled") << "and so is every later call";
    release.open();
}

TEST_F(ClientTest, AFailingSourceFailsTheCall) {
    server.start();
    ClientRequest request{"POST", server.url("/v1/echo"), {{"Content-Type", "text/plain"}}};
    request.source = []() -> Result<std::optional<std::string>> { return fail(invalidInput("disk-gone", "Gone.")); };
    EXPECT_EQ(Client().send(request).error().code, "disk-gone");
}

TEST_F(ClientTest, SpeaksTlsAndVerifies) {
    const CertificateFiles files;
    server.options.tls = TlsFiles{files.certificate(), files.keyFile(), files.certificate()};
    server.start();
    EXPECT_EQ(Client().send({"GET", server.url("/v1/who")}).error().code, "tls-failed");  // signed by nobody it knows

    ClientOptions options;
    options.caFile = files.certificate();
    Client client(options);
    EXPECT_EQ(client.send({"GET", server.url("/v1/who")})->body, "nobody");
    const std::string large(700'000, 'y');
    EXPECT_EQ(client.send({"POST", server.url("/v1/echo"), {{"Content-Type", "text/plain"}}, large})->body, large);
    const std::string byAddress = "https://127.0.0.1:" + std::to_string(server.listener->port()) + "/v1/who";
    EXPECT_EQ(client.send({"GET", byAddress}).error().code, "tls-failed");  // not a name of the certificate

    options.certificateFile = files.certificate();
    options.keyFile = files.keyFile();
    EXPECT_EQ(Client(options).send({"GET", server.url("/v1/who")})->body, "certificate");
}

}  // namespace
}  // namespace meetpoint::http
