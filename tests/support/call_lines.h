// Call records as a platform sends them: 25 fields and about 600 bytes of NDJSON a call. A call is a pure function of
// its index, so that any stretch of a long upload can be made again without keeping it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/time.h"

namespace meetpoint::outside {

struct CallLines {
    Instant first;                      // when the first call was invited
    Duration apart = milliseconds(20);  // from one call to the next
    std::uint64_t ownNumbers = 10'000;  // how many of ownNumber() are used

    // Number n of those that belong to the carrier, e.g. "+41446680000"; n counts modulo 10,000.
    static std::string ownNumber(std::uint64_t n);
    // The id of call `index`; later ids are in no order.
    static Id callId(std::uint64_t index);

    // A version of a call, and what it says. A provisional one has no streams yet.
    struct Edition {
        std::int32_t version = 1;
        bool isProvisional = false;
        std::string_view phrase = "OK";  // finalSipCodePhrase
    };

    // Which of the own numbers call `index` has, and when it ended.
    std::uint64_t ownNumberOf(std::uint64_t index) const;
    Instant endOf(std::uint64_t index) const;

    // Appends call `index` as a line of NDJSON.
    void appendJson(std::uint64_t index, const Edition& edition, std::string& out) const;
    // The calls [from, to), final in their first version.
    std::string lines(std::uint64_t from, std::uint64_t to) const;
    // How a carrier records calls.
    struct Recorder {
        Duration clockAhead;          // of its clock
        bool knowsSipCallId = false;  // of every second call
    };
    // The carrier's record of call `index`, as a line of NDJSON: its id "r-INDEX", the times of the call.
    void appendDuration(std::uint64_t index, const Recorder& recorder, std::string& out) const;
    // The same values as a line of CSV without a header, in the order of csvColumns; absent values are empty. `carrier`
    // counts from 0 where eight carriers share the numbers, one after another.
    void appendCsv(std::uint64_t index, const Edition& edition, std::string& out) const;
    // Both sides of call `index` as lines of CSV without newlines: id, own number, far-end number, direction, start in
    // ms of Unix time, talk in ms, SIP Call-ID (empty where it is not known).
    struct Sides {
        std::string ours, theirs;
    };
    Sides sidesOf(std::uint64_t index, const Recorder& recorder) const;
    static constexpr std::string_view csvColumns =
        "carrier,own_number,call_id,version,completeness,direction,call_type,caller_number,callee_number,invited_at,"
        "ringing_at,answered_"
        "at,ended_at,duration_ms,"
        "final_sip_code,final_sip_code_phrase,q850_cause,ended_by,sip_call_id,trunk,region,stream_direction,codec,"
        "packets,jitter_ms_avg,"
        "loss_ratio_avg,mos";

private:
    struct Call;
    Call call(std::uint64_t index) const;
};

}  // namespace meetpoint::outside
