#include "http/endpoint.h"

namespace meetpoint::http {

Route get(std::string path) {
    return {Method::get, std::move(path)};
}
Route post(std::string path) {
    return {Method::post, std::move(path)};
}
Route put(std::string path) {
    return {Method::put, std::move(path)};
}
Route patch(std::string path) {
    return {Method::patch, std::move(path)};
}
Route delete_(std::string path) {
    return {Method::delete_, std::move(path)};
}

EndpointBuilder endpoint(Route route, std::string operationId) {
    return EndpointBuilder(std::move(route), std::move(operationId));
}

EndpointBuilder::EndpointBuilder(Route route, std::string operationId) {
    endpoint_.method = route.method;
    endpoint_.path = std::move(route.path);
    endpoint_.operationId = std::move(operationId);
}

EndpointBuilder& EndpointBuilder::tag(std::string text) {
    endpoint_.tag = std::move(text);
    return *this;
}

EndpointBuilder& EndpointBuilder::summary(std::string text) {
    endpoint_.summary = std::move(text);
    return *this;
}

EndpointBuilder& EndpointBuilder::description(std::string markdown) {
    endpoint_.description = std::move(markdown);
    return *this;
}

EndpointBuilder& EndpointBuilder::open() {
    endpoint_.access = {true, ""};
    return *this;
}

EndpointBuilder& EndpointBuilder::scope(std::string scope) {
    endpoint_.access = {false, std::move(scope)};
    return *this;
}

EndpointBuilder& EndpointBuilder::path(Parameter parameter) {
    parameter.required = true;
    endpoint_.pathParameters.push_back(std::move(parameter));
    return *this;
}

EndpointBuilder& EndpointBuilder::query(Parameter parameter) {
    endpoint_.queryParameters.push_back(std::move(parameter));
    return *this;
}

EndpointBuilder& EndpointBuilder::header(Parameter parameter) {
    endpoint_.headerParameters.push_back(std::move(parameter));
    return *this;
}

EndpointBuilder& EndpointBuilder::maxBodyBytes(std::uint64_t bytes) {
    endpoint_.maxBodyBytes = bytes;
    return *this;
}

EndpointBuilder& EndpointBuilder::maxDuration(Duration duration) {
    endpoint_.maxDuration = duration;
    return *this;
}

EndpointBuilder& EndpointBuilder::problems(std::vector<std::string> codes) {
    endpoint_.problemCodes.insert(endpoint_.problemCodes.end(), std::make_move_iterator(codes.begin()),
                                  std::make_move_iterator(codes.end()));
    return *this;
}

EndpointBuilder& EndpointBuilder::errorForm(std::shared_ptr<const ErrorForm> form) {
    endpoint_.errorForm = std::move(form);
    return *this;
}

EndpointBuilder& EndpointBuilder::hidden() {
    endpoint_.hidden = true;
    return *this;
}

EndpointBuilder& EndpointBuilder::wholeBody(std::vector<std::string> mediaTypes, Schema schema, std::string what) {
    endpoint_.body = {BodyKind::whole, std::move(mediaTypes), std::move(schema), std::move(what),
                      endpoint_.body.optional};
    return *this;
}

EndpointBuilder& EndpointBuilder::optionalBody() {
    endpoint_.body.optional = true;
    return *this;
}

EndpointBuilder& EndpointBuilder::streamBody(std::vector<std::string> mediaTypes, Schema schema, std::string what) {
    endpoint_.body = {BodyKind::stream, std::move(mediaTypes), std::move(schema), std::move(what), false};
    return *this;
}

EndpointBuilder& EndpointBuilder::answers(int status, std::string mediaType, Schema schema, std::string what) {
    endpoint_.responses.push_back({status, std::move(mediaType), std::move(schema), std::move(what)});
    return *this;
}

EndpointBuilder& EndpointBuilder::answersNothing(int status, std::string what) {
    endpoint_.responses.push_back({status, "", {}, std::move(what)});
    return *this;
}

Endpoint EndpointBuilder::handle(SyncHandler handler) {
    endpoint_.handler = std::move(handler);
    return std::move(endpoint_);
}

Endpoint EndpointBuilder::handle(std::shared_ptr<const AsyncHandler> handler) {
    endpoint_.handler = std::move(handler);
    return std::move(endpoint_);
}

}  // namespace meetpoint::http
