// What became of uploads: their receipts, and taking one back.
#include "api/endpoints.h"
#include "api/links.h"
#include "api/upload_wire.h"
#include "exchange/withdrawal.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

enum class DeclaredUnit { ms, s, min };
BOOST_DESCRIBE_ENUM(DeclaredUnit, ms, s, min)
enum class DeclaredBasis { invite, ring, answer };
BOOST_DESCRIBE_ENUM(DeclaredBasis, invite, ring, answer)
enum class DeclaredRoundingMode { up, down, nearest };
BOOST_DESCRIBE_ENUM(DeclaredRoundingMode, up, down, nearest)

struct DeclaredDurations {
    std::optional<DeclaredUnit> unit;
    std::optional<DeclaredBasis> basis;
    std::optional<DeclaredRoundingMode> rounding;
    std::optional<std::int64_t> roundingStepMs;
    static constexpr http::FieldDoc docs[] = {
        {.field = "unit", .what = "In which unit the durations came"},
        {.field = "basis", .what = "From where they count"},
        {.field = "rounding", .what = "How they are rounded"},
    };
};
BOOST_DESCRIBE_STRUCT(DeclaredDurations, (), (unit, basis, rounding, roundingStepMs))

struct UploadState {
    Id uploadId;
    std::string kind;
    std::string clientId;
    Instant createdAt;
    std::optional<Instant> finishedAt;
    UploadCounts counts;
    std::uint64_t problems;
    std::optional<Instant> withdrawnAt;
    std::optional<std::string> withdrawnReason;
    std::optional<DeclaredDurations> declared;
    static constexpr http::FieldDoc docs[] = {
        {.field = "kind", .what = "calls or durations"},
        {.field = "clientId", .what = "Who sent it"},
        {.field = "finishedAt", .what = "Absent while it goes on, or when it broke off"},
        {.field = "counts", .what = "Of what is committed"},
        {.field = "problems", .what = "Records that were refused or conflict"},
        {.field = "declared", .what = "What the upload declared of its durations; absent where it declared nothing"},
    };
};
BOOST_DESCRIBE_STRUCT(UploadState, (),
                      (uploadId, kind, clientId, createdAt, finishedAt, counts, problems, withdrawnAt, withdrawnReason,
                       declared))

struct UploadSummary {
    Id uploadId;
    std::string kind;
    std::string clientId;
    Instant createdAt;
    std::optional<Instant> finishedAt;
    std::optional<UploadCounts> counts;
    std::optional<Instant> withdrawnAt;
    std::optional<DeclaredDurations> declared;
    static constexpr http::FieldDoc docs[] = {
        {.field = "counts", .what = "Once it is finished"},
        {.field = "declared", .what = "What the upload declared of its durations; absent where it declared nothing"},
    };
};
BOOST_DESCRIBE_STRUCT(UploadSummary, (),
                      (uploadId, kind, clientId, createdAt, finishedAt, counts, withdrawnAt, declared))

struct UploadList {
    std::vector<UploadSummary> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(UploadList, (), (items, next))

struct UploadProblems {
    std::vector<RecordResult> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(UploadProblems, (), (items, next))

struct UploadWithdrawal {
    std::string reason;
    static constexpr http::FieldDoc docs[] = {
        {.field = "reason", .what = "Why, for people", .minLength = 1, .maxLength = 500},
    };
};
BOOST_DESCRIBE_STRUCT(UploadWithdrawal, (), (reason))

struct WithdrawnUpload {
    Id uploadId;
    Instant withdrawnAt;
    std::uint64_t withdrawn;
    std::uint64_t overtaken;
    static constexpr http::FieldDoc docs[] = {
        {.field = "withdrawn", .what = "Records that this request took back: a further revision of each says so"},
        {.field = "overtaken", .what = "Records of which a later revision is stored, which stays"},
    };
};
BOOST_DESCRIBE_STRUCT(WithdrawnUpload, (), (uploadId, withdrawnAt, withdrawn, overtaken))

UploadCounts wire(const exchange::UploadCounts& counts) {
    return {counts.created, counts.updated, counts.unchanged, counts.outdated, counts.conflict, counts.rejected};
}

RecordResult wire(const exchange::RecordResult& result) {
    const auto unlessEmpty = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
    return {result.index,
            result.line,
            unlessEmpty(result.key),
            result.status,
            unlessEmpty(result.code),
            unlessEmpty(result.message),
            unlessEmpty(result.pointer)};
}

namespace {

std::optional<DeclaredDurations> declaredOf(const store::Upload& upload) {
    if (!upload.declared) return std::nullopt;
    const domain::DeclaredDurations declared = exchange::declaredFromJson(*upload.declared);
    DeclaredDurations words;
    if (declared.unit) words.unit = static_cast<DeclaredUnit>(*declared.unit);
    if (declared.basis) words.basis = static_cast<DeclaredBasis>(*declared.basis);
    if (declared.rounding) {
        words.rounding = static_cast<DeclaredRoundingMode>(declared.rounding->mode);
        words.roundingStepMs = declared.rounding->step.ms;
    }
    return words;
}

UploadSummary summaryOf(const store::Upload& upload) {
    return {upload.id,
            upload.kind,
            upload.clientId,
            upload.createdAt,
            upload.finishedAt,
            upload.finishedAt ? std::optional(wire(exchange::countsFromJson(upload.counts))) : std::nullopt,
            upload.withdrawnAt,
            declaredOf(upload)};
}

Result<Response> listUploads(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto page, exchange::listUploads(context.exchange, context.cursors, callerOf(request),
                                                      request.query.text("kind"), request.query.text("cursor"),
                                                      static_cast<std::size_t>(*request.query.integer("limit"))));
    UploadList answer;
    for (const store::Upload& upload : page.uploads)
        answer.items.push_back(summaryOf(upload));
    answer.next = page.next;
    Response response = http::jsonResponse(answer);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

Result<Response> readUpload(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto state,
               exchange::findUpload(context.exchange, callerOf(request), *request.path.id("id"), 0, 0));
    const store::Upload& upload = state.upload;
    return http::jsonResponse(UploadState{upload.id, upload.kind, upload.clientId, upload.createdAt, upload.finishedAt,
                                          wire(state.counts), state.problemCount, upload.withdrawnAt,
                                          upload.withdrawnReason, declaredOf(upload)});
}

Result<Response> readProblems(const Context& context, const Request& request) {
    const Id id = *request.path.id("id");
    const std::string feed = "upload/" + formatId(id);
    std::size_t offset = 0;
    if (const auto cursor = request.query.text("cursor")) {
        TRY_ASSIGN(const auto position, context.cursors.read(*cursor, feed, callerOf(request).clientId));
        offset = static_cast<std::size_t>(position);
    }
    const auto limit = static_cast<std::size_t>(*request.query.integer("limit"));
    TRY_ASSIGN(const auto state, exchange::findUpload(context.exchange, callerOf(request), id, offset, limit));
    UploadProblems page;
    for (const auto& problem : state.problems)
        page.items.push_back(wire(problem));
    if (offset + page.items.size() < state.problemCount)
        page.next = context.cursors.write(feed, static_cast<std::int64_t>(offset + page.items.size()),
                                          callerOf(request).clientId);
    Response response = http::jsonResponse(page);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

Result<Response> withdraw(const Context& context, const Request& request, const UploadWithdrawal& body) {
    TRY_ASSIGN(const auto done,
               exchange::withdrawUpload(context.exchange, callerOf(request), *request.path.id("id"), body.reason));
    return http::jsonResponse(
        WithdrawnUpload{done.upload.id, *done.upload.withdrawnAt, done.withdrawn, done.overtaken});
}

constexpr const char* aboutWithdrawal =
    "For durations that were sent by mistake. Nothing is deleted: a further revision of each record says `withdrawn`, "
    "the feed of reconciliation follows, and the record counts for nothing until it is sent again with a higher "
    "revision than that. A record of which a later upload has stored a higher revision already is left as it is. "
    "Asking again goes on where an earlier request broke off.";

}  // namespace

std::vector<http::Endpoint> uploadReceiptEndpoints(const Context& context) {
    std::vector<http::Endpoint> list;
    list.push_back(endpoint(http::get("/v1/uploads"), "listUploads")
                       .tag("Uploads")
                       .summary("The uploads that the client has begun; the platform sees everybody's")
                       .scope("")
                       .query(http::choiceParameter("kind", "Of these records only", {"calls", "durations"}))
                       .query(http::textParameter("cursor", "From `next` of the page before", 512))
                       .query(http::integerParameter("limit", "Uploads a page", 1, 1'000, 100))
                       .answers<UploadList>(200, "The newest first")
                       .problems({"bad-cursor"})
                       .handle([&context](const Request& request) { return listUploads(context, request); }));
    list.push_back(endpoint(http::get("/v1/uploads/{id}"), "readUpload")
                       .tag("Uploads")
                       .summary("What is stored of an upload")
                       .scope("")
                       .path(http::idParameter("id", "The upload"))
                       .answers<UploadState>(200, "Counts so far")
                       .handle([&context](const Request& request) { return readUpload(context, request); }));
    list.push_back(endpoint(http::get("/v1/uploads/{id}/results"), "readUploadResults")
                       .tag("Uploads")
                       .summary("Every record of an upload that was refused or conflicts")
                       .scope("")
                       .path(http::idParameter("id", "The upload"))
                       .query(http::textParameter("cursor", "From `next` of the page before", 512))
                       .query(http::integerParameter("limit", "Results a page", 1, 1'000, 1'000))
                       .answers<UploadProblems>(200, "By chunk")
                       .problems({"bad-cursor"})
                       .handle([&context](const Request& request) { return readProblems(context, request); }));
    list.push_back(endpoint(http::post("/v1/uploads/{id}/withdraw"), "withdrawUpload")
                       .tag("Uploads")
                       .summary("Take an upload of durations back")
                       .description(aboutWithdrawal)
                       .scope(std::string(domain::scope::durationsWrite))
                       .path(http::idParameter("id", "The upload"))
                       .maxDuration(hours(1))
                       .answers<WithdrawnUpload>(200, "What was taken back")
                       .problems({"not-withdrawable", "upload-unfinished"})
                       .handle<UploadWithdrawal>([&context](const Request& request, UploadWithdrawal body) {
                           return withdraw(context, request, body);
                       }));
    return list;
}

}  // namespace meetpoint::api
