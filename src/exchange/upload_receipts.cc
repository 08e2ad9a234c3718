#include "exchange/upload_receipts.h"

#include <boost/json.hpp>

#include "exchange/agreement_terms.h"

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using store::Outcome;

constexpr std::string_view letters = "cunox";  // in the order of store::Outcome
constexpr char otherLane = '.';

json::object parsedObject(std::string_view text) {
    json::error_code error;
    const json::value value = json::parse({text.data(), text.size()}, error);
    return !error && value.is_object() ? value.get_object() : json::object();
}

std::uint64_t numberIn(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    return value && value->is_int64() ? static_cast<std::uint64_t>(value->get_int64()) : 0;
}

std::string textIn(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    return value && value->is_string() ? std::string(value->get_string().c_str()) : std::string();
}

}  // namespace

void UploadCounts::add(const UploadCounts& other) {
    created += other.created;
    updated += other.updated;
    unchanged += other.unchanged;
    outdated += other.outdated;
    conflict += other.conflict;
    rejected += other.rejected;
}

std::string toJson(const UploadCounts& counts) {
    return json::serialize(json::object{{"created", counts.created},
                                        {"updated", counts.updated},
                                        {"unchanged", counts.unchanged},
                                        {"outdated", counts.outdated},
                                        {"conflict", counts.conflict},
                                        {"rejected", counts.rejected}});
}

UploadCounts countsFromJson(std::string_view text) {
    const json::object object = parsedObject(text);
    return {numberIn(object, "created"),  numberIn(object, "updated"),  numberIn(object, "unchanged"),
            numberIn(object, "outdated"), numberIn(object, "conflict"), numberIn(object, "rejected")};
}

std::optional<std::string> declaredJson(const domain::DeclaredDurations& declared) {
    if (declared.isEmpty()) return std::nullopt;
    json::object out;
    if (declared.unit) out["unit"] = name(*declared.unit);
    if (declared.basis) out["basis"] = name(*declared.basis);
    if (declared.rounding) {
        out["rounding"] = name(declared.rounding->mode);
        out["roundingStepMs"] = declared.rounding->step.ms;
    }
    return json::serialize(out);
}

domain::DeclaredDurations declaredFromJson(std::string_view text) {
    const json::object object = parsedObject(text);
    domain::DeclaredDurations declared{domain::readDurationUnit(textIn(object, "unit")),
                                       readTimeBasis(textIn(object, "basis")), std::nullopt};
    if (const auto mode = domain::readRoundingMode(textIn(object, "rounding")))
        declared.rounding = {*mode, milliseconds(static_cast<std::int64_t>(numberIn(object, "roundingStepMs")))};
    return declared;
}

UploadCounts countsOf(const std::vector<Outcome>& outcomes) {
    UploadCounts counts;
    for (const Outcome outcome : outcomes) {
        switch (outcome) {
            case Outcome::created:
                ++counts.created;
                break;
            case Outcome::updated:
                ++counts.updated;
                break;
            case Outcome::unchanged:
                ++counts.unchanged;
                break;
            case Outcome::outdated:
                ++counts.outdated;
                break;
            case Outcome::conflict:
                ++counts.conflict;
                break;
        }
    }
    return counts;
}

std::string problemsJson(const std::vector<RecordResult>& problems) {
    json::array array;
    for (const RecordResult& problem : problems)
        array.push_back(json::object{{"index", problem.index},
                                     {"line", problem.line},
                                     {"key", problem.key},
                                     {"status", problem.status},
                                     {"code", problem.code},
                                     {"pointer", problem.pointer}});
    return json::serialize(array);
}

std::vector<RecordResult> problemsFromJson(std::string_view text) {
    std::vector<RecordResult> problems;
    json::error_code error;
    const json::value value = json::parse({text.data(), text.size()}, error);
    if (error || !value.is_array()) return problems;
    for (const json::value& item : value.get_array()) {
        if (!item.is_object()) continue;
        const json::object& object = item.get_object();
        problems.push_back({numberIn(object, "index"),
                            numberIn(object, "line"),
                            textIn(object, "key"),
                            textIn(object, "status"),
                            textIn(object, "code"),
                            {},
                            textIn(object, "pointer")});
    }
    return problems;
}

std::string lettersOf(const std::vector<Outcome>& outcomes, const std::vector<std::uint32_t>& rows,
                      std::size_t chunkRows) {
    std::string text(chunkRows, otherLane);
    for (std::size_t i = 0; i < outcomes.size(); ++i)
        text[rows[i]] = letters[static_cast<std::size_t>(outcomes[i])];
    return text;
}

std::optional<Outcome> outcomeOf(char letter) {
    const std::size_t index = letters.find(letter);
    if (index == std::string_view::npos) return std::nullopt;
    return static_cast<Outcome>(index);
}

Result<UploadState> findUpload(const Services& services, const domain::Caller& caller, const Id& id, std::size_t offset,
                               std::size_t limit) {
    UploadState state;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(const auto upload, store::findUpload(tx, id));
        if (!upload || (upload->clientId != caller.clientId && caller.role != domain::Role::platform))
            return fail(notFound("There is no such upload."));
        state.upload = *upload;
        TRY_ASSIGN(const auto receipts, store::listReceipts(tx, id));
        for (const store::Receipt& receipt : receipts) {
            state.counts.add(countsFromJson(receipt.counts));
            for (RecordResult& problem : problemsFromJson(receipt.problems)) {
                if (state.problemCount >= offset && state.problems.size() < limit)
                    state.problems.push_back(std::move(problem));
                ++state.problemCount;
            }
        }
        return {};
    }));
    return state;
}

Result<UploadPage> listUploads(const Services& services, const CursorKey& cursors, const domain::Caller& caller,
                               const std::optional<std::string>& kind, const std::optional<std::string>& cursor,
                               std::size_t limit) {
    store::UploadFilter filter;
    filter.kind = kind;
    filter.limit = limit + 1;
    if (caller.role != domain::Role::platform) filter.clientId = caller.clientId;
    const std::string list = "uploads/" + kind.value_or("all");
    if (cursor) {
        TRY_ASSIGN(filter.after, cursors.readId(*cursor, list, caller.clientId));
    }
    UploadPage page;
    TRY(services.db.read([&](store::Tx& tx) -> Result<void> {
        TRY_ASSIGN(page.uploads, store::listUploads(tx, filter));
        return {};
    }));
    if (page.uploads.size() > limit) {
        page.uploads.pop_back();
        page.next = cursors.write(list, page.uploads.back().id, caller.clientId);
    }
    return page;
}

}  // namespace meetpoint::exchange
