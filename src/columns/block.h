// A block: up to a few thousand consecutive records of a lane, encoded part by part, with what a directory needs to
// know of them: times, sums and a filter.
#pragma once

#include <array>

#include "base/hash.h"
#include "columns/arrow_ipc.h"
#include "columns/calendar.h"
#include "columns/records.h"

namespace meetpoint::columns {

// One record always costs the decoding of its block: 4,096 rows take twice as long as 2,048, and save 2 bytes a record.
inline constexpr std::size_t maxBlockRows = 2048;
inline constexpr int filterBitsPerValue = 16;  // about one false answer in a thousand blocks

struct Block {
    std::size_t rows = 0;
    Instant minTime, maxTime;            // of the calls, not of their arrival
    std::int64_t answered = 0;           // calls with connected time
    std::int64_t durationMs = 0;         // their connected time together
    std::array<Bytes, partCount> parts;  // empty where the lane has no such part
    Bytes filter;
    Bytes ownNumbers;                  // which rows are of which own number (NumberRows); empty: not told
    std::vector<DayMinutes> calendar;  // of minTime to maxTime; empty if it would have too many days
};

// Encodes at most maxBlockRows records. `secret` keys the filter's hashes.
Block encodeBlock(const Records& records, Compression compression, const KeyedHash& secret);

// The hash of a record's key (callId, recordId, …) in the lane's key index.
std::uint64_t keyHash(const Records& records, std::size_t row, const KeyedHash& secret);
// 24 bits that are independent of the key's hash, never 0: what tells two keys of one hash apart.
std::uint32_t keyCheck(ByteView key, const KeyedHash& secret);
ByteView keyBytes(const Records& records, std::size_t row);
std::int32_t versionOf(const Records& records, std::size_t row);

// What a filter is asked with. Each kind of value hashes apart from the others.
std::uint64_t numberHash(std::uint64_t e164, const KeyedHash& secret);
std::uint64_t signallingIdHash(std::string_view id,
                               const KeyedHash& secret);  // SIP Call-ID, correlation id, shared call id

// What a block of these records says of their own numbers.
Bytes ownNumbersOf(const Records& records, const KeyedHash& secret);

// SHA-256 of each part's content; of no bytes where the lane has no such part.
std::array<Sha256, partCount> contentHashes(const Records& records);

}  // namespace meetpoint::columns
