// The records of one side as they come, batch by batch: of each only what a reconciliation looks at is kept, in flat
// arrays, so that the records themselves need never be held together.
//
//   SideInput calls(columns::LaneKind::calls);
//   for (const columns::Records& records : blocks) calls.add(records);
#pragma once

#include <deque>
#include <unordered_map>

#include "columns/arrow_ipc.h"
#include "columns/records.h"
#include "reconcile/side.h"

namespace meetpoint::reconcile {

// Each text once, numbered in the order in which they came.
class TextTable {
public:
    std::uint32_t numberOf(std::string_view text);
    std::size_t size() const { return texts_.size(); }
    std::string_view operator[](std::size_t number) const { return texts_[number]; }

private:
    std::deque<std::string> texts_;  // do not move
    std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

class SideInput {
public:
    // Calls are the platform's side ("ours"), durations the carrier's.
    explicit SideInput(columns::LaneKind kind);

    // The columns of that part (core or parties) that add() looks at.
    static columns::ColumnSet columnsOf(columns::LaneKind kind, columns::Part part);

    // Makes room for so many records in all.
    void reserve(std::size_t rows);
    // Adds the named rows, in that order; each is a row of the input from then on, counted from 0. `parties` may be
    // null: then nothing of it is known. Columns that columnsOf() does not name may be missing. Rows of the batch from
    // `lateFrom` on came after they were due.
    void add(const columns::Batch& core, const columns::Batch* parties, std::span<const std::uint32_t> rows,
             std::uint32_t lateFrom = noRow);
    // Adds all rows; the part core is needed, parties is read where it is there.
    void add(const columns::Records& records);
    std::size_t size() const { return side_.own.size(); }

private:
    friend class Normaliser;
    struct Places;
    static const Places& placesOf(columns::LaneKind kind);

    std::size_t mostRows() const { return side_.own.capacity(); }
    void addNumbers(const columns::Batch& core, const columns::Batch* parties, std::span<const std::uint32_t> rows);
    void addTimes(const columns::Batch& core, std::span<const std::uint32_t> rows);
    void addKeys(const columns::Batch& core, std::span<const std::uint32_t> rows);
    void addRoundings(const columns::Batch& core, std::span<const std::uint32_t> rows);
    void addLate(std::span<const std::uint32_t> rows, std::uint32_t lateFrom);
    void addIds(const columns::Batch& core, const columns::Batch* parties, std::span<const std::uint32_t> rows);

    columns::LaneKind kind_;
    // In the order of the input. Texts stand as textKey and their number in `texts_`; `answered` may be `unstated`.
    Side side_;
    TextTable texts_;
    bool isInWholeSeconds_ = true;
    std::size_t talks_ = 0;
    std::size_t talksWithAnswer_ = 0;  // that state when they were answered
    static constexpr std::uint8_t unstated = 2;
};

}  // namespace meetpoint::reconcile
