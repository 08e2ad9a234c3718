#include "http/openapi.h"

#include <cstdlib>
#include <set>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json_text.h"
#include "http/problem.h"
#include "http/schema.h"

namespace meetpoint::http {
namespace {

namespace json = boost::json;

constexpr std::string_view problemSchema = R"({
  "type": "object",
  "description": "What went wrong (RFC 9457).",
  "required": ["type", "title", "status", "detail", "requestId"],
  "properties": {
    "type": {"type": "string", "format": "uri", "description": "urn:meetpoint:problem: and a stable code."},
    "title": {"type": "string"},
    "status": {"type": "integer", "format": "int32"},
    "detail": {"type": "string", "description": "What is wrong and what to do next."},
    "requestId": {"type": "string", "description": "Quote it when you report the problem."},
    "errors": {
      "type": "array",
      "items": {
        "type": "object",
        "required": ["pointer", "code", "detail"],
        "properties": {
          "pointer": {"type": "string", "description": "A JSON pointer into the body, or the place and name of a parameter."},
          "code": {"type": "string"},
          "detail": {"type": "string"},
          "line": {"type": "integer", "description": "Of the body, from 1."}
        }
      }
    }
  }
})";

// A committed document is read and diffed by people: two blanks a level, one member a line, short scalars arrays
// inline.
void print(const json::value& value, std::size_t depth, std::string& out) {
    const auto newLine = [&](std::size_t at) { out += '\n' + std::string(2 * at, ' '); };
    if (value.is_object() && !value.get_object().empty()) {
        out += '{';
        bool first = true;
        for (const auto& [key, member] : value.get_object()) {
            if (!std::exchange(first, false)) out += ',';
            newLine(depth + 1);
            appendRepairedJsonText({key.data(), key.size()}, out);
            out += ": ";
            print(member, depth + 1, out);
        }
        newLine(depth);
        out += '}';
    } else if (value.is_array() && !value.get_array().empty()) {
        const auto& items = value.get_array();
        const bool scalars = std::none_of(items.begin(), items.end(), [](const auto& i) { return i.is_structured(); });
        out += '[';
        bool first = true;
        for (const auto& item : items) {
            if (!std::exchange(first, false)) out += scalars ? ", " : ",";
            if (!scalars) newLine(depth + 1);
            print(item, depth + 1, out);
        }
        if (!scalars) newLine(depth);
        out += ']';
    } else {
        out += json::serialize(value);
    }
}

json::object parameterSchema(const Parameter& parameter) {
    json::object schema;
    switch (parameter.type) {
        case ParameterType::string:
            schema = {{"type", "string"}, {"maxLength", parameter.maxLength}};
            break;
        case ParameterType::integer:
            schema = {{"type", "integer"}, {"format", "int64"}};
            if (parameter.min) schema["minimum"] = *parameter.min;
            if (parameter.max) schema["maximum"] = *parameter.max;
            break;
        case ParameterType::boolean:
            schema = {{"type", "boolean"}};
            break;
        case ParameterType::instant:
            schema = {{"type", "string"}, {"format", "date-time"}};
            break;
        case ParameterType::date:
            schema = {{"type", "string"}, {"format", "date"}};
            break;
        case ParameterType::id:
            schema = {{"type", "string"}, {"format", "uuid"}};
            break;
        case ParameterType::enumeration: {
            json::array values;
            for (const std::string& value : parameter.values)
                values.emplace_back(value);
            schema = {{"type", "string"}, {"enum", std::move(values)}};
        }
    }
    if (parameter.defaultValue) {
        const std::string& text = *parameter.defaultValue;
        if (parameter.type == ParameterType::integer)
            schema["default"] = std::strtoll(text.c_str(), nullptr, 10);
        else if (parameter.type == ParameterType::boolean)
            schema["default"] = text == "true";
        else
            schema["default"] = text;
    }
    if (parameter.repeatable) return {{"type", "array"}, {"items", std::move(schema)}};
    return schema;
}

json::object parameterDocument(const Parameter& parameter, std::string_view place) {
    json::object document{{"name", parameter.name}, {"in", place}};
    if (parameter.required || place == "path") document["required"] = true;
    if (!parameter.what.empty()) document["description"] = parameter.what;
    document["schema"] = parameterSchema(parameter);
    return document;
}

Result<json::array> parametersOf(const Endpoint& endpoint) {
    json::array list;
    TRY_ASSIGN(const PathPattern pattern, PathPattern::parse(endpoint.path));
    for (const std::string& name : pattern.names()) {
        const auto declared = std::find_if(endpoint.pathParameters.begin(), endpoint.pathParameters.end(),
                                           [&](const Parameter& p) { return p.name == name; });
        list.emplace_back(
            parameterDocument(declared == endpoint.pathParameters.end() ? textParameter(name, "") : *declared, "path"));
    }
    for (const Parameter& parameter : endpoint.queryParameters)
        list.emplace_back(parameterDocument(parameter, "query"));
    for (const Parameter& parameter : endpoint.headerParameters)
        list.emplace_back(parameterDocument(parameter, "header"));
    return list;
}

Result<json::object> bodyOf(const BodyDeclaration& body, SchemaComponents& components) {
    json::object document;
    if (!body.what.empty()) document["description"] = body.what;
    if (!body.optional) document["required"] = true;
    json::object content;
    for (const std::string& mediaType : body.mediaTypes) {
        TRY_ASSIGN(json::object schema, schemaDocument(body.schema, components));
        content[mediaType] = json::object{{"schema", std::move(schema)}};
    }
    document["content"] = std::move(content);
    return document;
}

Result<json::object> responsesOf(const Endpoint& endpoint, SchemaComponents& components) {
    json::object document;
    for (const ResponseDeclaration& response : endpoint.responses) {
        json::value& slot = document[std::to_string(response.status)];
        if (!slot.is_object()) slot = json::object{{"description", response.what}};
        if (response.mediaType.empty()) continue;
        TRY_ASSIGN(json::object schema, schemaDocument(response.schema, components));
        json::value& content = slot.as_object()["content"];
        if (!content.is_object()) content = json::object{};
        content.as_object()[response.mediaType] =
            schema.empty() ? json::object{} : json::object{{"schema", std::move(schema)}};
    }
    document["default"] =
        json::object{{"$ref", "#/components/responses/" + (endpoint.errorForm ? endpoint.errorForm->name : "Problem")}};
    return document;
}

Result<json::object> operationOf(const Endpoint& endpoint, SchemaComponents& components) {
    json::object operation{{"operationId", endpoint.operationId}};
    if (!endpoint.tag.empty()) operation["tags"] = json::array{endpoint.tag};
    if (!endpoint.summary.empty()) operation["summary"] = endpoint.summary;
    std::string description = endpoint.description;
    if (!endpoint.problemCodes.empty())
        description += fmt::format("{}Problem codes: `{}`.", description.empty() ? "" : "\n\n",
                                   fmt::join(endpoint.problemCodes, "`, `"));
    if (!description.empty()) operation["description"] = description;
    json::array security;
    if (!endpoint.access.open) {
        json::array scopes;
        if (!endpoint.access.scope.empty()) scopes.emplace_back(endpoint.access.scope);
        security.emplace_back(json::object{{"oauth2", std::move(scopes)}});
    }
    operation["security"] = std::move(security);
    TRY_ASSIGN(json::array parameters, parametersOf(endpoint));
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
    if (endpoint.body.kind != BodyKind::none) {
        TRY_ASSIGN(json::object body, bodyOf(endpoint.body, components));
        operation["requestBody"] = std::move(body);
    }
    TRY_ASSIGN(json::object responses, responsesOf(endpoint, components));
    operation["responses"] = std::move(responses);
    return operation;
}

std::string lowerCase(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(c | 0x20);
    return out;
}

// "{rest*}" is our own spelling; OpenAPI knows "{rest}" only.
std::string documentedPath(std::string path) {
    if (const auto star = path.find("*}"); star != path.npos) path.erase(star, 1);
    return path;
}

json::object infoOf(const OpenApiOptions& options) {
    json::object info{{"title", options.title}, {"version", options.version}};
    if (!options.description.empty()) info["description"] = options.description;
    info["license"] = json::object{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}};
    return info;
}

json::array tagsOf(const EndpointRegistry& registry, const OpenApiOptions& options) {
    json::array tags;
    std::set<std::string> known;
    for (const auto& [name, meaning] : options.tags)
        if (known.insert(name).second) tags.emplace_back(json::object{{"name", name}, {"description", meaning}});
    for (const auto& endpoint : registry.endpoints())
        if (!endpoint->hidden && !endpoint->tag.empty() && known.insert(endpoint->tag).second)
            tags.emplace_back(json::object{{"name", endpoint->tag}});
    return tags;
}

json::object securityOf(const EndpointRegistry& registry, const OpenApiOptions& options) {
    json::object scopes;
    for (const auto& [name, meaning] : options.scopes)
        scopes[name] = meaning;
    for (const auto& endpoint : registry.endpoints())
        if (!endpoint->hidden && !endpoint->access.scope.empty() && !scopes.contains(endpoint->access.scope))
            scopes[endpoint->access.scope] = "";
    json::object flow{{"tokenUrl", options.tokenUrl}, {"scopes", std::move(scopes)}};
    return {
        {"oauth2", json::object{{"type", "oauth2"}, {"flows", json::object{{"clientCredentials", std::move(flow)}}}}}};
}

json::object problemResponseDocument(const OpenApiOptions& options) {
    std::string description = "A problem.";
    for (const auto& [code, meaning] : options.problems)
        description += fmt::format("\n- `{}`: {}", code, meaning);
    const json::object schema{{"$ref", "#/components/schemas/Problem"}};
    return {{"description", description},
            {"content", json::object{{"application/problem+json", json::object{{"schema", schema}}}}}};
}

// The problem, and the forms of endpoints that have their own.
Result<json::object> errorResponsesOf(const EndpointRegistry& registry, const OpenApiOptions& options,
                                      SchemaComponents& components) {
    json::object responses{{"Problem", problemResponseDocument(options)}};
    for (const auto& endpoint : registry.endpoints()) {
        const auto& form = endpoint->errorForm;
        if (!form || endpoint->hidden || responses.contains(form->name)) continue;
        TRY_ASSIGN(json::object schema, schemaDocument(form->schema, components));
        responses[form->name] =
            json::object{{"description", form->what},
                         {"content", json::object{{form->mediaType, json::object{{"schema", std::move(schema)}}}}}};
    }
    return responses;
}

Result<json::object> documentOf(const EndpointRegistry& registry, const OpenApiOptions& options) {
    SchemaComponents components;
    TRY_ASSIGN(components.schemas["Problem"], schemaDocument({nullptr, std::string(problemSchema)}, components));
    components.owners["Problem"] = nullptr;
    json::object paths;
    for (const auto& endpoint : registry.endpoints()) {
        if (endpoint->hidden) continue;
        TRY_ASSIGN(json::object operation, operationOf(*endpoint, components));
        json::value& path = paths[documentedPath(endpoint->path)];
        if (!path.is_object()) path = json::object{};
        path.as_object()[lowerCase(name(endpoint->method))] = std::move(operation);
    }
    TRY_ASSIGN(json::object errorResponses, errorResponsesOf(registry, options, components));
    json::object schemas;
    for (auto& [name, schema] : components.schemas)
        schemas[name] = std::move(schema);

    json::object document{{"openapi", "3.1.0"}, {"info", infoOf(options)}};
    json::array servers;
    for (const std::string& url : options.servers)
        servers.emplace_back(json::object{{"url", url}});
    if (!servers.empty()) document["servers"] = std::move(servers);
    document["tags"] = tagsOf(registry, options);
    document["paths"] = std::move(paths);
    document["components"] = json::object{{"schemas", std::move(schemas)},
                                          {"responses", std::move(errorResponses)},
                                          {"securitySchemes", securityOf(registry, options)}};
    return document;
}

}  // namespace

Result<std::string> writeOpenApi(const EndpointRegistry& registry, const OpenApiOptions& options) {
    TRY_ASSIGN(const json::object document, documentOf(registry, options));
    std::string out;
    print(document, 0, out);
    out += '\n';
    return out;
}

}  // namespace meetpoint::http
