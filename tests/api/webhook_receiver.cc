#include "api/webhook_receiver.h"

#include <gtest/gtest.h>

namespace meetpoint::tests {

WebhookReceiver::WebhookReceiver() {
    for (const std::string path : {"/ok", "/error", "/redirect", "/target", "/gone", "/large", "/never"})
        EXPECT_TRUE(server_.endpoints.add(
            http::endpoint(http::post(path), path.substr(1))
                .open()
                .wholeBody({"*/*"}, http::textSchema(), "")
                .answersNothing(200, "")
                .handle([this](const http::Request& request) -> Result<http::Response> { return answer(request); })));
    server_.start();
}

std::vector<WebhookReceiver::Message> WebhookReceiver::waitFor(std::string_view path, std::size_t count) {
    std::unique_lock lock(mutex_);
    const auto isThere = [&] { return messagesAt(path).size() >= count; };
    EXPECT_TRUE(came_.wait_for(lock, std::chrono::seconds(60), isThere))
        << path << " has " << messagesAt(path).size() << " messages of " << count;
    return messagesAt(path);
}

std::vector<WebhookReceiver::Message> WebhookReceiver::at(std::string_view path) const {
    const std::lock_guard lock(mutex_);
    return messagesAt(path);
}

std::vector<WebhookReceiver::Message> WebhookReceiver::messagesAt(std::string_view path) const {
    std::vector<Message> found;
    std::ranges::copy_if(messages_, std::back_inserter(found),
                         [&](const Message& message) { return message.path == path; });
    return found;
}

http::Response WebhookReceiver::answer(const http::Request& request) {
    http::Response response = http::plainText("thank you");
    if (request.route == "/ok") response.status = status_;
    if (request.route == "/error") response.status = 500;
    if (request.route == "/gone") response.status = 410;
    if (request.route == "/large") response.body = std::string(10'000'000, 'x');
    if (request.route == "/redirect") {
        response.status = 307;
        response.headers.set("Location", url("/target"));
    }
    {
        const std::lock_guard lock(mutex_);
        messages_.push_back({request.route, request.headers, request.body, response.status});
    }
    came_.notify_all();
    if (request.route == "/never") never_.wait();
    return response;
}

}  // namespace meetpoint::tests
