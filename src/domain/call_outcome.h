// How an attempt to call ended, as the field counts it (ITU-T E.411, E.425; RFC 6076): the ground of all ratios of
// answered, delivered and failed calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace meetpoint::domain {

// What a call record says of its end.
struct CallEnd {
    bool isAnswered = false;
    bool hasRung = false;                   // a ringing was signalled
    std::optional<std::int32_t> sipCode;    // of the final response; 0 counts as absent
    std::optional<std::int32_t> q850Cause;  // 0 counts as absent
};

enum class CallOutcome : std::uint8_t {
    answered,
    userBusy,
    ringNoAnswer,    // it rang, or the user could not be reached; also given up by the caller while it rang
    terminalReject,  // the user or the terminal refused
    redirected,      // 3xx: another attempt follows
    challenged,      // 401, 402, 407: the attempt is repeated with credentials
    abandoned,       // given up by the caller before it rang
    noCircuit,       // refused at home for want of a circuit (Q.850 34, 44) before a request went out
    failed,          // by the network
};
std::string_view name(CallOutcome outcome);

// The Q.850 cause decides where it says something definite; 16, 31 and 127 do not, and then the SIP code does.
CallOutcome outcomeOf(const CallEnd& end);

// A bid that got its circuit (E.600): an attempt that went out to the next hop.
inline bool isSeizure(CallOutcome outcome) {
    return outcome != CallOutcome::noCircuit;
}
// The network did its part (E.425): answer, user busy, ring no answer, terminal reject.
inline bool isDelivered(CallOutcome outcome) {
    return outcome <= CallOutcome::terminalReject;
}

// RFC 6076, 4.6 and 4.7, which go by SIP codes alone.
struct SessionAttempt {
    bool isCounted = false;      // an INVITE that stands for itself: none of 3xx, 401, 402, 407
    bool isEstablished = false;  // 200
    bool isEffective = false;    // 200, 480, 486, 600, 603
};
SessionAttempt sessionAttemptOf(const CallEnd& end);

}  // namespace meetpoint::domain
