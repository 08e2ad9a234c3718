#include "http/message.h"

#include <array>

namespace meetpoint::http {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 7> methodNames{{
    {Method::get, "GET"},
    {Method::head, "HEAD"},
    {Method::post, "POST"},
    {Method::put, "PUT"},
    {Method::patch, "PATCH"},
    {Method::delete_, "DELETE"},
    {Method::options, "OPTIONS"},
}};

// ASCII only: header names are tokens, and std::tolower would ask the locale.
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace

std::string_view name(Method method) {
    for (const auto& [value, text] : methodNames)
        if (value == method) return text;
    return "GET";
}

std::optional<Method> parseMethod(std::string_view text) {
    for (const auto& [value, spelling] : methodNames)
        if (spelling == text) return value;
    return {};
}

bool equalIgnoringCase(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

void Headers::add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string_view name, std::string value) {
    remove(name);
    add(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
    std::erase_if(fields_, [&](const Field& field) { return equalIgnoringCase(field.first, name); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
    for (const Field& field : fields_)
        if (equalIgnoringCase(field.first, name)) return field.second;
    return {};
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const Field& field : fields_)
        if (equalIgnoringCase(field.first, name)) found.push_back(field.second);
    return found;
}

Response jsonText(std::string json, int status) {
    Response response;
    response.status = status;
    response.mediaType = "application/json";
    response.body = std::move(json);
    return response;
}

Response plainText(std::string text, int status) {
    Response response;
    response.status = status;
    response.mediaType = "text/plain; charset=utf-8";
    response.body = std::move(text);
    return response;
}

Response noContent() {
    Response response;
    response.status = 204;
    return response;
}

Response streamed(std::string mediaType, PullSource source) {
    Response response;
    response.mediaType = std::move(mediaType);
    response.source = std::move(source);
    return response;
}

}  // namespace meetpoint::http
