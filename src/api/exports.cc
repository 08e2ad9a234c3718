// Exports: records written out in the background, and the download of what was written.
#include "exchange/exports.h"

#include <boost/json.hpp>

#include "api/call_filter_wire.h"
#include "api/endpoints.h"
#include "api/links.h"
#include "api/waiting.h"
#include "base/bytes.h"
#include "http/byte_range.h"

namespace meetpoint::api {

using http::endpoint;
using http::Request;
using http::Response;

enum class ExportKind { calls, durations };
BOOST_DESCRIBE_ENUM(ExportKind, calls, durations)
enum class ExportFormat { csv, ndjson, arrow };
BOOST_DESCRIBE_ENUM(ExportFormat, csv, ndjson, arrow)
enum class ExportCompression { none, gzip, zstd };
BOOST_DESCRIBE_ENUM(ExportCompression, none, gzip, zstd)
enum class ExportState { queued, running, succeeded, failed, cancelled, expired };
BOOST_DESCRIBE_ENUM(ExportState, queued, running, succeeded, failed, cancelled, expired)

struct NewExport {
    ExportKind kind = ExportKind::calls;
    ExportFormat format = ExportFormat::csv;
    std::optional<CallFilter> filter;
    std::optional<std::vector<std::string>> columns;
    std::optional<std::string> timeZone;
    std::optional<ExportCompression> compression;
    static constexpr http::FieldDoc docs[] = {
        {.field = "filter",
         .what = "As of a search of calls. Durations take from, to, carrierId, tenantId, versions and order"},
        {.field = "columns",
         .what = "By the names of the records, endpoint.ipAddress for nested ones; in Arrow by those of the feed's "
                 "schema, and carrierId. Left out: all that the caller may be shown",
         .minLength = 1,
         .maxLength = 200},
        {.field = "timeZone",
         .what = "Of times in CSV and NDJSON: IANA or an offset; UTC if left out",
         .maxLength = 64,
         .example = R"("Europe/Zurich")"},
        {.field = "compression", .what = "none if left out"},
    };
};
BOOST_DESCRIBE_STRUCT(NewExport, (), (kind, format, filter, columns, timeZone, compression))

struct ExportFailure {
    std::string code, detail;
};
BOOST_DESCRIBE_STRUCT(ExportFailure, (), (code, detail))

struct Export {
    Id id;
    ExportKind kind;
    ExportState state;
    std::optional<Id> carrierId, tenantId;
    ExportFormat format;
    ExportCompression compression;
    std::string timeZone;
    std::vector<std::string> columns;
    boost::json::value filter;
    Instant createdAt;
    std::optional<Instant> startedAt, finishedAt, expiresAt;
    std::int64_t rows, bytes;
    std::optional<double> progress;
    std::optional<Instant> searchedUpTo;
    std::optional<std::string> sha256, content;
    std::optional<ExportFailure> failure;
    static constexpr http::FieldDoc docs[] = {
        {.field = "carrierId", .what = "The carrier whose it is"},
        {.field = "tenantId", .what = "The tenant whose it is"},
        {.field = "expiresAt", .what = "Until when it can be downloaded"},
        {.field = "rows", .what = "Records written so far"},
        {.field = "bytes", .what = "Bytes written so far"},
        {.field = "progress", .what = "How much of the time asked for is behind it, 0 to 1; where `from` was given"},
        {.field = "searchedUpTo", .what = "Up to which time it has looked"},
        {.field = "sha256", .what = "Of all bytes, in hexadecimal digits"},
        {.field = "content", .what = "Where it is downloaded"},
        {.field = "failure", .what = "Why it failed"},
    };
};
BOOST_DESCRIBE_STRUCT(Export, (),
                      (id, kind, state, carrierId, tenantId, format, compression, timeZone, columns, filter, createdAt,
                       startedAt, finishedAt, expiresAt, rows, bytes, progress, searchedUpTo, sha256, content, failure))

struct ExportList {
    std::vector<Export> items;
    std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(ExportList, (), (items, next))

namespace {

constexpr Duration longestDownload = hours(2);
constexpr std::int64_t longestWaitSeconds = 60;
constexpr const char* mediaTypes[] = {"text/csv", "application/x-ndjson", "application/vnd.apache.arrow.stream",
                                      "application/gzip", "application/zstd"};

constexpr const char* aboutExports =
    "Written in the background, newest versions unless `versions` says all, as the caller may see the records now; "
    "what "
    "is masked or hidden from it stays so. Calls stored while it runs may be in it or not; each page of it shows what "
    "was newest when it was read. Read it until its state is `succeeded`, then download its content.";
constexpr const char* aboutContent =
    "`Range` asks for a part, so that a download that broke off goes on; with `If-Range` and the ETag it is certain to "
    "be of the same bytes. `Repr-Digest` has the SHA-256 of the whole.";

exchange::ExportRequest requestOf(const NewExport& body) {
    exchange::ExportRequest wanted;
    wanted.kind = body.kind == ExportKind::calls ? columns::LaneKind::calls : columns::LaneKind::durations;
    wanted.search = searchOf(body.filter.value_or(CallFilter{}));
    wanted.format = static_cast<exchange::ExportFormat>(body.format);
    wanted.compression = static_cast<formats::Compression>(body.compression.value_or(ExportCompression::none));
    wanted.columns = body.columns.value_or(std::vector<std::string>());
    wanted.timeZone = body.timeZone.value_or("UTC");
    return wanted;
}

Export wire(const exchange::ExportView& view) {
    const store::Export& job = view.job;
    const exchange::ExportRequest& asked = view.request;
    Export out;
    out.id = job.id;
    out.kind = asked.kind == columns::LaneKind::calls ? ExportKind::calls : ExportKind::durations;
    out.state = static_cast<ExportState>(job.state);
    out.carrierId = job.party.carrierId;
    out.tenantId = job.party.tenantId;
    out.format = static_cast<ExportFormat>(asked.format);
    out.compression = static_cast<ExportCompression>(asked.compression);
    out.timeZone = asked.timeZone;
    out.columns = asked.columns;
    out.filter = exchange::filterOf(asked.search);
    out.createdAt = job.createdAt;
    out.startedAt = job.startedAt;
    out.finishedAt = job.finishedAt;
    out.rows = job.rows;
    out.bytes = job.bytes;
    out.progress = view.progress;
    out.searchedUpTo = job.searchedUpTo;
    if (job.sha256) out.sha256 = toHex(*job.sha256);
    if (job.failureCode) out.failure = ExportFailure{*job.failureCode, job.failureMessage.value_or("")};
    if (job.state != store::ExportState::succeeded) return out;
    out.expiresAt = job.expiresAt;
    out.content = "/v1/exports/" + formatId(job.id) + "/content";
    return out;
}

Result<Response> create(const Context& context, const Request& request, const NewExport& body) {
    TRY_ASSIGN(const auto key, idempotencyKeyOf(request));
    TRY_ASSIGN(const auto view, context.exports.accept(callerOf(request), requestOf(body), key));
    Response response = http::jsonResponse(wire(view), 202);
    response.headers.set("Location", "/v1/exports/" + formatId(view.job.id));
    return response;
}

Result<Response> list(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto page,
               context.exports.list(callerOf(request), request.query.id("carrierId"), request.query.text("cursor"),
                                    static_cast<std::size_t>(*request.query.integer("limit"))));
    ExportList answer;
    for (const auto& view : page.exports)
        answer.items.push_back(wire(view));
    answer.next = page.next;
    Response response = http::jsonResponse(answer);
    if (page.next) addNextLink(response, request, *page.next);
    return response;
}

struct FileForm {
    std::string mediaType, extension;
};
FileForm formOf(const exchange::ExportRequest& asked) {
    const auto format = static_cast<std::size_t>(asked.format);
    const std::string extension =
        asked.format == exchange::ExportFormat::arrow ? "arrows" : std::string(name(asked.format));
    switch (asked.compression) {
        case formats::Compression::gzip:
            return {mediaTypes[3], extension + ".gz"};
        case formats::Compression::zstd:
            return {mediaTypes[4], extension + ".zst"};
        case formats::Compression::none:
            break;
    }
    return {mediaTypes[format], extension};
}

Result<Response> download(const Context& context, const Request& request) {
    TRY_ASSIGN(const auto view, context.exports.finished(callerOf(request), *request.path.id("id")));
    const store::Export& job = view.job;
    const FileForm form = formOf(view.request);
    http::Content content;
    content.size = static_cast<std::uint64_t>(job.bytes);
    content.mediaType = form.mediaType;
    content.etag = "\"" + toHex(*job.sha256) + "\"";
    content.headers.set("Repr-Digest", "sha-256=:" + toBase64(*job.sha256) + ":");
    content.headers.set("Content-Disposition", "attachment; filename=\"" +
                                                   std::string(columns::name(view.request.kind)) + "-" +
                                                   formatId(job.id) + "." + form.extension + "\"");
    content.headers.set("Cache-Control", "private, no-store");
    content.read = [&context, key = job.key()](std::uint64_t first, std::uint64_t end) {
        return context.exports.read(key, first, end);
    };
    return http::contentResponse(request, std::move(content));
}

// Reads the export until it is finished or the time is over.
http::Answer waitForEnd(const Context& context, http::AsyncRequest& request) {
    const Instant until = request->receivedAt + seconds(request->query.integer("wait").value_or(0));
    Waiting waiting(context, request, context.bells.of(exchange::exportsTopic), until);
    while (true) {
        waiting.look();
        auto found = co_await request.runBlocking(
            [&] { return context.exports.find(callerOf(*request), *request->path.id("id")); });
        if (!found) co_return fail(std::move(found).error());
        if (!store::isOpen(found->job.state) || !co_await waiting.forMore()) co_return http::jsonResponse(wire(*found));
    }
}

http::EndpointBuilder declare(http::Route route, std::string operationId, std::string summary) {
    auto builder = endpoint(std::move(route), std::move(operationId));
    builder.tag("Exports").summary(std::move(summary)).scope(std::string(domain::scope::callsRead));
    return builder;
}

http::EndpointBuilder declareOne(http::Route route, std::string operationId, std::string summary) {
    auto builder = declare(std::move(route), std::move(operationId), std::move(summary));
    builder.path(http::idParameter("id", "The export"));
    return builder;
}

http::Endpoint contentEndpoint(const Context& context) {
    auto builder = declareOne(http::get("/v1/exports/{id}/content"), "readExportContent", "Download an export");
    builder.description(aboutContent)
        .header(
            http::textParameter("Range", "bytes=FIRST-LAST; several ranges at once are answered with the whole", 200))
        .header(http::textParameter("If-Range", "The ETag of the bytes that are there already", 200))
        .maxDuration(longestDownload)
        .problems({"export-not-finished", "export-failed", "export-expired", "range-not-satisfiable"});
    for (const char* type : mediaTypes)
        builder.answers(200, type, http::binarySchema(), "Everything")
            .answers(206, type, http::binarySchema(), "The range");
    return builder.handle([&context](const Request& request) { return download(context, request); });
}

}  // namespace

std::vector<http::Endpoint> exportEndpoints(const Context& context) {
    std::vector<http::Endpoint> endpoints;
    endpoints.push_back(
        declare(http::post("/v1/exports"), "createExport", "Have calls or durations written out")
            .description(aboutExports)
            .header(http::textParameter("Idempotency-Key", "The same export with the same key again is the same",
                                        longestIdempotencyKey))
            .answers<Export>(202, "The export, which is written in the background")
            .problems({"carrier-required", "bad-number", "bad-number-part", "bad-range", "unknown-time-zone",
                       "too-many-exports", "bad-idempotency-key", "idempotency-key-reused"})
            .handle<NewExport>(
                [&context](const Request& request, const NewExport& body) { return create(context, request, body); }));
    endpoints.push_back(declare(http::get("/v1/exports"), "listExports", "The caller's exports")
                            .query(http::idParameter("carrierId", "Where the client acts for several carriers"))
                            .query(http::textParameter("cursor", "From `next` of the page before", 512))
                            .query(http::integerParameter("limit", "Exports a page", 1, 1'000, 100))
                            .answers<ExportList>(200, "The newest first")
                            .problems({"bad-cursor", "carrier-required"})
                            .handle([&context](const Request& request) { return list(context, request); }));
    endpoints.push_back(
        declareOne(http::get("/v1/exports/{id}"), "readExport", "An export and how far it is")
            .query(http::integerParameter("wait", "Seconds to wait for its end", 0, longestWaitSeconds, 0))
            .maxDuration(seconds(longestWaitSeconds + 30))
            .answers<Export>(200, "The export")
            .handle(http::asynchronous(
                [&context](http::AsyncRequest& request) -> http::Answer { return waitForEnd(context, request); })));
    endpoints.push_back(contentEndpoint(context));
    endpoints.push_back(declareOne(http::delete_("/v1/exports/{id}"), "deleteExport",
                                   "Cancel an export that is not finished, or remove one that is")
                            .answersNothing(204, "Cancelled or gone")
                            .handle([&context](const Request& request) -> Result<Response> {
                                TRY(context.exports.remove(callerOf(request), *request.path.id("id")));
                                return http::noContent();
                            }));
    return endpoints;
}

}  // namespace meetpoint::api
