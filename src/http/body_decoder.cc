#include "http/body_decoder.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include "http/message.h"

namespace meetpoint::http {
namespace {

// Larger windows would let a caller make the decoder hold that much; 8 MiB is what RFC 8878 §3.1.1.1.2 asks to support.
constexpr int zstdWindowLogMax = 23;
constexpr std::size_t roomBytesMin = 4096;

Error tooLarge(std::string code, std::string message) {
    return {ErrorKind::tooLarge, std::move(code), std::move(message), {}, {}, 0};
}
Error badEncoding(std::string_view encoding) {
    return invalidInput("bad-encoding", fmt::format("The body is not valid {}.", encoding));
}

// One encoding. decode() writes at most `size` bytes to `out`, and moves `input` past what it used.
class Codec {
public:
    virtual ~Codec() = default;
    virtual Result<std::size_t> decode(std::string_view& input, char* out, std::size_t size) = 0;
    // True where the encoded form may end.
    virtual bool complete() const = 0;
    // How much larger its output usually is: for choosing how much room to make.
    virtual std::size_t growth() const { return 8; }
    // True if the encoded form is the body itself, so that it can be handed on as it came.
    virtual bool isIdentity() const { return false; }
};

class PlainCodec final : public Codec {
public:
    Result<std::size_t> decode(std::string_view& input, char* out, std::size_t size) override {
        const std::size_t taken = std::min(size, input.size());
        std::memcpy(out, input.data(), taken);
        input.remove_prefix(taken);
        return taken;
    }
    bool complete() const override { return true; }
    std::size_t growth() const override { return 1; }
    bool isIdentity() const override { return true; }
};

class GzipCodec final : public Codec {
public:
    GzipCodec() { ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK; }  // 16: gzip, not zlib
    ~GzipCodec() override {
        if (ready_) inflateEnd(&stream_);
    }
    GzipCodec(const GzipCodec&) = delete;
    GzipCodec& operator=(const GzipCodec&) = delete;

    Result<std::size_t> decode(std::string_view& input, char* out, std::size_t size) override {
        if (!ready_) return fail(internalError("inflateInit2 failed"));
        // A gzip file may hold several members one after the other (RFC 1952 §2.2).
        if (ended_ && !input.empty()) {
            inflateReset(&stream_);
            ended_ = false;
        }
        if (ended_) return std::size_t(0);
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
        stream_.avail_in = static_cast<uInt>(input.size());
        stream_.next_out = reinterpret_cast<Bytef*>(out);
        stream_.avail_out = static_cast<uInt>(size);
        const int outcome = inflate(&stream_, Z_NO_FLUSH);
        input.remove_prefix(input.size() - stream_.avail_in);
        if (outcome == Z_STREAM_END)
            ended_ = true;
        else if (outcome != Z_OK && outcome != Z_BUF_ERROR)
            return fail(badEncoding("gzip"));
        return size - stream_.avail_out;
    }
    bool complete() const override { return ended_; }

private:
    z_stream stream_{};
    bool ready_ = false;
    bool ended_ = false;
};

class ZstdCodec final : public Codec {
public:
    ZstdCodec() : context_(ZSTD_createDCtx()) {
        if (context_) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, zstdWindowLogMax);
    }
    ~ZstdCodec() override { ZSTD_freeDCtx(context_); }
    ZstdCodec(const ZstdCodec&) = delete;
    ZstdCodec& operator=(const ZstdCodec&) = delete;

    Result<std::size_t> decode(std::string_view& input, char* out, std::size_t size) override {
        if (!context_) return fail(internalError("ZSTD_createDCtx failed"));
        // At the end of a frame, with nothing to read, another call would begin a new frame that never comes.
        if (input.empty() && betweenFrames_) return std::size_t(0);
        ZSTD_inBuffer from{input.data(), input.size(), 0};
        ZSTD_outBuffer to{out, size, 0};
        const std::size_t outcome = ZSTD_decompressStream(context_, &to, &from);
        if (ZSTD_isError(outcome)) return fail(badEncoding("zstd"));
        betweenFrames_ = outcome == 0;
        input.remove_prefix(from.pos);
        return to.pos;
    }
    bool complete() const override { return betweenFrames_; }

private:
    ZSTD_DCtx* context_;
    bool betweenFrames_ = false;
};

}  // namespace

struct BodyDecoder::Impl {
    DecoderLimits limits;
    std::unique_ptr<Codec> codec;
    std::string encoded;   // what was fed last
    std::size_t used = 0;  // of it
    bool drained = true;   // the codec holds no output back
    std::uint64_t encodedTotal = 0;
    std::uint64_t decodedTotal = 0;

    Result<void> checkLimits() const {
        // Encoded bytes are bounded too: empty gzip members could go on for ever without decoding to anything.
        if (decodedTotal > limits.decodedBytes || encodedTotal > limits.decodedBytes + limits.ratioSlackBytes)
            return fail(
                tooLarge("body-too-large", fmt::format("The body is larger than {} bytes.", limits.decodedBytes)));
        if (decodedTotal > limits.ratioSlackBytes && decodedTotal / limits.ratio > encodedTotal)
            return fail(tooLarge("compression-ratio",
                                 fmt::format("The body grows to more than {} times its size.", limits.ratio)));
        return {};
    }
};

BodyDecoder::BodyDecoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BodyDecoder::BodyDecoder(BodyDecoder&&) noexcept = default;
BodyDecoder& BodyDecoder::operator=(BodyDecoder&&) noexcept = default;
BodyDecoder::~BodyDecoder() = default;

Result<BodyDecoder> BodyDecoder::make(std::string_view contentEncoding, const DecoderLimits& limits) {
    auto impl = std::make_unique<Impl>();
    impl->limits = limits;
    if (contentEncoding.empty() || equalIgnoringCase(contentEncoding, "identity"))
        impl->codec = std::make_unique<PlainCodec>();
    else if (equalIgnoringCase(contentEncoding, "gzip") || equalIgnoringCase(contentEncoding, "x-gzip"))
        impl->codec = std::make_unique<GzipCodec>();
    else if (equalIgnoringCase(contentEncoding, "zstd"))
        impl->codec = std::make_unique<ZstdCodec>();
    else
        return fail({ErrorKind::unsupportedMedia,
                     "unsupported-encoding",
                     "Content-Encoding may be gzip or zstd, one of them, or absent.",
                     {},
                     {},
                     0});
    return BodyDecoder(std::move(impl));
}

void BodyDecoder::feed(std::string encoded) {
    impl_->encodedTotal += encoded.size();
    impl_->encoded = std::move(encoded);
    impl_->used = 0;
    impl_->drained = false;
}

bool BodyDecoder::wantsInput() const {
    return impl_->drained;
}

Result<void> BodyDecoder::decode(std::string& out) {
    if (impl_->codec->isIdentity() && out.empty() && impl_->used == 0 &&
        impl_->encoded.size() <= impl_->limits.pieceBytes) {
        out = std::exchange(impl_->encoded, {});
        impl_->decodedTotal += out.size();
        impl_->drained = true;
        return impl_->checkLimits();
    }
    while (!impl_->drained && out.size() < impl_->limits.pieceBytes) {
        const std::size_t had = out.size();
        std::string_view input = std::string_view(impl_->encoded).substr(impl_->used);
        const std::size_t room =
            std::min(impl_->limits.pieceBytes - had, std::max(roomBytesMin, input.size() * impl_->codec->growth()));
        const std::size_t offered = input.size();
        out.resize(had + room);
        const Result<std::size_t> written = impl_->codec->decode(input, out.data() + had, room);
        out.resize(had + (written ? *written : 0));
        if (!written) return fail(written.error());
        impl_->used += offered - input.size();
        impl_->decodedTotal += *written;
        TRY(impl_->checkLimits());
        // Less than there was room for, and nothing left to read: the codec has given all that it can.
        impl_->drained = input.empty() && *written < room;
        if (*written == 0 && input.size() == offered && offered > 0)
            return fail(badEncoding("in its Content-Encoding"));  // no progress: cannot happen with sound codecs
    }
    return {};
}

Result<void> BodyDecoder::finish() {
    if (impl_->codec->complete()) return {};
    return fail(invalidInput("truncated-body", "The encoded body ends too early."));
}

std::uint64_t BodyDecoder::encodedBytes() const {
    return impl_->encodedTotal;
}
std::uint64_t BodyDecoder::decodedBytes() const {
    return impl_->decodedTotal;
}

}  // namespace meetpoint::http
