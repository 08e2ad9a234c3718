#include "exchange/webhook_signing.h"

#include <gtest/gtest.h>
#include <sodium.h>

namespace meetpoint::exchange {
namespace {

class WebhookSigning : public ::testing::Test {
protected:
    MadeSecret make(SignatureKind kind) { return makeSecret(seal_, kind, {7, Id{{1}}}, clock_, random_); }
    std::string sign(const std::vector<store::WebhookSecret>& secrets, std::string_view body = "{}") {
        const auto made = signaturesOf(seal_, secrets, clock_.now(), {"msg", 1'700'000'000, body});
        EXPECT_TRUE(made) << made.error().message;
        return made.value_or("");
    }

    ManualClock clock_{{1'772'323'200'000}};
    SeededRandom random_{1};
    const SecretSeal seal_{viewOf("a key")};
};

TEST_F(WebhookSigning, HmacIsOfIdTimestampAndBody) {
    const MadeSecret made = make(SignatureKind::hmac);
    ASSERT_TRUE(made.shown && made.shown->starts_with("whsec_"));
    const Bytes key = *fromBase64(made.shown->substr(6));
    EXPECT_EQ(key.size(), 32u);
    EXPECT_EQ(sign({made.secret}), "v1," + toBase64(hmacSha256(key, viewOf("msg.1700000000.{}"))));
    EXPECT_FALSE(publicKeyText(made.secret));
}

TEST_F(WebhookSigning, Ed25519IsVerifiedWithTheKeyThatIsShown) {
    const MadeSecret made = make(SignatureKind::ed25519);
    EXPECT_FALSE(made.shown) << "the private half stays here";
    const std::string shown = *publicKeyText(made.secret);
    ASSERT_TRUE(shown.starts_with("whpk_"));
    const Bytes key = *fromBase64(shown.substr(5));
    const std::string header = sign({made.secret});
    ASSERT_TRUE(header.starts_with("v1a,"));
    const Bytes signature = *fromBase64(header.substr(4));
    const std::string text = "msg.1700000000.{}";
    ASSERT_EQ(key.size(), crypto_sign_PUBLICKEYBYTES);
    ASSERT_EQ(signature.size(), crypto_sign_BYTES);
    EXPECT_EQ(crypto_sign_verify_detached(signature.data(), viewOf(text).data(), text.size(), key.data()), 0);
}

TEST_F(WebhookSigning, EveryLiveSecretSigns) {
    std::vector<store::WebhookSecret> secrets{make(SignatureKind::hmac).secret, make(SignatureKind::ed25519).secret,
                                              make(SignatureKind::hmac).secret};
    EXPECT_EQ(std::ranges::count(sign(secrets), ' '), 2);
    secrets[0].expiresAt = clock_.now();
    EXPECT_EQ(std::ranges::count(sign(secrets), ' '), 1) << "at that instant it has ended";
    secrets[0].expiresAt = clock_.now() + milliseconds(1);
    EXPECT_EQ(std::ranges::count(sign(secrets), ' '), 2);
}

TEST_F(WebhookSigning, SecretsLieSealedAndOpenInTheirPlaceAlone) {
    const MadeSecret made = make(SignatureKind::hmac);
    const Bytes key = *fromBase64(made.shown->substr(6));
    const auto& sealed = made.secret.sealed;
    EXPECT_EQ(std::ranges::search(sealed, key).begin(), sealed.end());
    const auto expectShut = [&](const SecretSeal& seal, const store::WebhookSecret& secret, const char* why) {
        const auto signature = signaturesOf(seal, {secret}, clock_.now(), {"msg", 1, "{}"});
        ASSERT_FALSE(signature) << why;
        EXPECT_EQ(signature.error().code, "corrupt-data") << why;
    };
    expectShut(SecretSeal(viewOf("another key")), made.secret, "another store");
    store::WebhookSecret moved = made.secret;
    moved.key.endpointId = Id{{2}};
    expectShut(seal_, moved, "another endpoint");
    store::WebhookSecret turned = made.secret;
    turned.sealed.back() ^= 1;
    expectShut(seal_, turned, "a bit turned");
    turned.sealed.resize(10);
    expectShut(seal_, turned, "cut");
}

}  // namespace
}  // namespace meetpoint::exchange
