// What a record may hold at most. One struct, so that an operator, the OpenAPI document and a test read the same
// figures.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace meetpoint::formats {

// Lengths are bytes of UTF-8 after JSON or CSV unescaping. A value over its limit is the fault `text-too-long`.
struct Limits {
    std::size_t lineBytes = 1 << 20;  // one record, as sent; more is `line-too-long`
    std::size_t csvColumns = 512;     // of a CSV header
    std::size_t recordId = 128;       // a duration's recordId
    std::size_t ownNumberText = 32;   // an own number that is not E.164 (durations, and files that people bring)
    std::size_t farEndText = 128;     // a far-end number that is not E.164: short code, name, national spelling
    std::size_t signallingId = 256;   // SIP Call-ID, correlation ids, a duration's callId
    std::size_t sipUri = 256;
    std::size_t shortText = 64;   // call type, codec, region, transport, redirect reason …
    std::size_t text = 256;       // phrases, trunk, calling profile, operating system, user agent
    std::size_t extensions = 16;  // named values of one record; more is `too-many-extensions`
    std::size_t extensionName = 64;
    std::size_t extensionText = 1024;      // an extension's value, as text
    std::size_t streams = 16;              // media streams of one call; more is `bad-value`
    Duration longestCall = days(7);        // more is `duration-too-long`
    Duration future = days(1);             // how far after `now` a time may lie; further is `time-out-of-range`
    Instant earliest = {946'684'800'000};  // 2000-01-01T00:00:00Z; before is `time-out-of-range`
    Duration durationSlack = seconds(2);   // connected time may exceed endedAt - invitedAt by this much
};

}  // namespace meetpoint::formats
