#include "api/scim_user.h"

#include "base/time.h"
#include "http/message.h"

namespace meetpoint::api {
namespace {

namespace json = boost::json;
using http::equalIgnoringCase;

constexpr std::size_t longestName = 256;

Error badValue(std::string_view attribute) {
    return invalidInput("scim-invalid-value", "'" + std::string(attribute.substr(0, 100)) +
                                                  "' is missing, or is not of its type, or has over 256 characters.");
}

Result<json::object> objectOf(std::string_view body) {
    json::error_code failed;
    json::value value = json::parse(body, failed);
    if (failed || !value.is_object()) return fail(invalidInput("bad-json", "The body is no JSON object."));
    return std::move(value.get_object());
}

// Attribute names are compared without regard to case (RFC 7643 §2.1).
const json::value* find(const json::object& object, std::string_view name) {
    for (const auto& [key, value] : object)
        if (equalIgnoringCase(key, name)) return &value;
    return nullptr;
}

Result<std::optional<std::string>> textOf(std::string_view attribute, const json::value& value) {
    if (value.is_null()) return std::nullopt;
    if (!value.is_string() || value.get_string().size() > longestName) return fail(badValue(attribute));
    return std::string(value.get_string());
}

// Some directories write booleans as text ("True").
Result<bool> booleanOf(std::string_view attribute, const json::value& value) {
    if (value.is_bool()) return value.get_bool();
    if (value.is_string() && equalIgnoringCase(value.get_string(), "true")) return true;
    if (value.is_string() && equalIgnoringCase(value.get_string(), "false")) return false;
    return fail(badValue(attribute));
}

bool isOurs(std::string_view attribute, std::string_view name) {
    return equalIgnoringCase(attribute, std::string(scimOurSchema) + ":" + std::string(name));
}

// Sets one attribute that is kept; others are let pass. Null takes it away.
Result<void> set(store::Target& user, std::string_view attribute, const json::value& value) {
    if (equalIgnoringCase(attribute, "userName")) {
        TRY_ASSIGN(user.userPrincipalName, textOf(attribute, value));
    } else if (equalIgnoringCase(attribute, "displayName")) {
        TRY_ASSIGN(const auto name, textOf(attribute, value));
        user.displayName = name.value_or("");
    } else if (equalIgnoringCase(attribute, "externalId")) {
        TRY_ASSIGN(user.externalId, textOf(attribute, value));
    } else if (equalIgnoringCase(attribute, "active")) {
        TRY_ASSIGN(user.active, booleanOf(attribute, value.is_null() ? json::value(true) : value));
    } else if (isOurs(attribute, "sipUri")) {
        TRY_ASSIGN(user.sipUri, textOf(attribute, value));
    } else if (isOurs(attribute, "country")) {
        TRY_ASSIGN(user.country, textOf(attribute, value));
    }
    return {};
}

Result<void> setAll(store::Target& user, const json::object& attributes) {
    for (const auto& [name, value] : attributes) {
        if (equalIgnoringCase(name, scimOurSchema) && value.is_object()) {
            for (const auto& [ours, inner] : value.get_object())
                TRY(set(user, std::string(scimOurSchema) + ":" + std::string(ours), inner));
        } else {
            TRY(set(user, name, value));
        }
    }
    return {};
}

Result<void> checkUser(store::Target& user) {
    if (!user.userPrincipalName || user.userPrincipalName->empty()) return fail(badValue("userName"));
    if (user.displayName.empty()) user.displayName = *user.userPrincipalName;
    return {};
}

Result<void> patchOne(store::Target& user, const json::object& operation) {
    const json::value* op = find(operation, "op");
    const json::value* path = find(operation, "path");
    const json::value* value = find(operation, "value");
    if (!op || !op->is_string()) return fail(badValue("op"));
    const std::string_view word = op->get_string();
    const bool isRemoval = equalIgnoringCase(word, "remove");
    if (!isRemoval && !equalIgnoringCase(word, "add") && !equalIgnoringCase(word, "replace"))
        return fail(badValue("op"));
    if (path && path->is_string()) {
        if (!isRemoval && !value) return fail(badValue("value"));
        return set(user, path->get_string(), isRemoval ? json::value(nullptr) : *value);
    }
    if (isRemoval) return fail(invalidInput("scim-invalid-path", "A removal needs a path."));
    if (!value || !value->is_object()) return fail(badValue("value"));
    return setAll(user, value->get_object());
}

}  // namespace

json::object scimUser(const store::Target& user, const std::string& location) {
    json::object out{{"schemas", json::array{scimUserSchema}},
                     {"id", formatId(user.id)},
                     {"userName", user.userPrincipalName.value_or("")},
                     {"displayName", user.displayName},
                     {"active", user.active},
                     {"meta", json::object{{"resourceType", "User"},
                                           {"created", formatInstant(user.createdAt)},
                                           {"lastModified", formatInstant(user.changedAt)},
                                           {"version", "W/\"" + std::to_string(user.version) + "\""},
                                           {"location", location}}}};
    if (user.externalId) out["externalId"] = *user.externalId;
    json::object ours;
    if (user.sipUri) ours["sipUri"] = *user.sipUri;
    if (user.country) ours["country"] = *user.country;
    if (!ours.empty()) {
        out["schemas"].get_array().push_back(json::value(scimOurSchema));
        out[scimOurSchema] = std::move(ours);
    }
    return out;
}

Result<void> readScimUser(std::string_view body, store::Target& user) {
    TRY_ASSIGN(const json::object attributes, objectOf(body));
    user.userPrincipalName.reset();
    user.displayName.clear();
    user.externalId.reset();
    user.sipUri.reset();
    user.country.reset();
    user.active = true;
    TRY(setAll(user, attributes));
    return checkUser(user);
}

Result<void> patchScimUser(std::string_view body, store::Target& user) {
    TRY_ASSIGN(const json::object patch, objectOf(body));
    const json::value* operations = find(patch, "Operations");
    if (!operations || !operations->is_array() || operations->get_array().empty()) return fail(badValue("Operations"));
    for (const json::value& operation : operations->get_array()) {
        if (!operation.is_object()) return fail(badValue("Operations"));
        TRY(patchOne(user, operation.get_object()));
    }
    return checkUser(user);
}

Result<void> readScimFilter(std::string_view filter, store::TargetQuery& query) {
    const std::size_t blank = filter.find(' ');
    const std::string_view attribute = filter.substr(0, blank);
    const std::string_view rest = blank == std::string_view::npos ? std::string_view() : filter.substr(blank + 1);
    json::error_code failed;
    const bool isEquality = rest.size() > 3 && equalIgnoringCase(rest.substr(0, 3), "eq ");
    const json::value value = isEquality ? json::parse(rest.substr(3), failed) : json::value();
    if (isEquality && !failed && value.is_string()) {
        const std::string text(value.get_string());
        if (equalIgnoringCase(attribute, "userName")) {
            query.userPrincipalName = text;
            return {};
        }
        if (equalIgnoringCase(attribute, "externalId")) {
            query.externalId = text;
            return {};
        }
    }
    return fail(invalidInput("scim-invalid-filter",
                             "Filters are userName eq \"…\" and externalId eq \"…\" here; read on without one."));
}

}  // namespace meetpoint::api
