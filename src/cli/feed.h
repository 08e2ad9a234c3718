// meetpoint feed: what happens at a running exchange, event by event.
#pragma once

#include <functional>

#include "cli/feed_follower.h"

namespace meetpoint::cli {

// What happened to the carrier's numbers.
const FeedView& assignmentFeed();
void addFeedCommand(CLI::App& app, std::function<void(const FeedOptions&)> run);

}  // namespace meetpoint::cli
