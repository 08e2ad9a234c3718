#include "store/classification.h"

#include <algorithm>

namespace meetpoint::store {
namespace {

using columns::Part;
using columns::Records;

// One version of a key that is known so far: stored before, or a row of this append.
struct Known {
    std::uint32_t check;
    std::int32_t version;
    std::uint32_t fingerprint;
    std::int64_t sequence;  // 0: of this append
    std::uint32_t row;
};

// A row that takes its record back counts no more itself than the rows before it.
bool isWithdrawal(const Records& records, std::size_t row) {
    const int column = columns::schemaOf(records.kind()).withdrawn;
    return column >= 0 && !records.part(Part::core)[column].isNull(row);
}

class Classifier {
public:
    explicit Classifier(const PreparedAppend& prepared)
        : prepared_(prepared),
          outcomes_(prepared.hashes.size(), Outcome::created),
          isSuperseded_(prepared.hashes.size(), false) {}

    // The rows and the index's entries of one hash.
    void judge(std::span<const std::uint32_t> rows, std::span<const KeyEntry> entries) {
        if (rows.size() == 1 && entries.empty()) return;
        known_.clear();
        for (const KeyEntry& entry : entries)
            known_.push_back({entry.check(), entry.version, entry.fingerprint, entry.sequence(), 0});
        for (const std::uint32_t row : rows)
            judgeRow(row);
    }

    Classified finish() {
        Classified out;
        for (std::uint32_t row = 0; row < outcomes_.size(); ++row) {
            if (!isStored(outcomes_[row])) continue;
            if (isSuperseded_[row]) out.supersededRows.push_back(static_cast<std::uint32_t>(out.storedRows.size()));
            out.storedRows.push_back(row);
        }
        out.outcomes = std::move(outcomes_);
        out.supersededSequences = std::move(supersededSequences_);
        return out;
    }

private:
    static bool isStored(Outcome outcome) { return outcome != Outcome::unchanged && outcome != Outcome::conflict; }

    void judgeRow(std::uint32_t row) {
        const Known self{prepared_.checks[row], versionOf(prepared_.records, row), prepared_.fingerprints[row], 0, row};
        const Outcome outcome = outcomeOf(self);
        outcomes_[row] = outcome;
        if (!isStored(outcome)) return;
        if (outcome == Outcome::outdated || isWithdrawal(prepared_.records, row)) isSuperseded_[row] = true;
        if (outcome == Outcome::updated) supersede(self);
        known_.push_back(self);
    }

    Outcome outcomeOf(const Known& self) const {
        bool isKnown = false, isNewest = true;
        for (const Known& other : known_) {
            if (other.check != self.check) continue;
            if (other.version == self.version)
                return other.fingerprint == self.fingerprint ? Outcome::unchanged : Outcome::conflict;
            isKnown = true;
            isNewest = isNewest && other.version < self.version;
        }
        if (!isKnown) return Outcome::created;
        return isNewest ? Outcome::updated : Outcome::outdated;
    }

    void supersede(const Known& newest) {
        for (const Known& older : known_) {
            if (older.check != newest.check) continue;
            if (older.sequence > 0)
                supersededSequences_.push_back(older.sequence);
            else
                isSuperseded_[older.row] = true;
        }
    }

    const PreparedAppend& prepared_;
    std::vector<Outcome> outcomes_;
    std::vector<bool> isSuperseded_;
    std::vector<std::int64_t> supersededSequences_;
    std::vector<Known> known_;  // of the hash that is judged
};

}  // namespace

Classified classify(const PreparedAppend& prepared, std::span<const KeyEntry> found) {
    Classifier classifier(prepared);
    const std::span<const std::uint32_t> byHash = prepared.byHash;
    const auto hashAt = [&](std::size_t place) { return prepared.hashes[byHash[place]]; };
    auto known = found.begin();
    for (std::size_t at = 0, end = 0; at < byHash.size(); at = end) {
        const std::uint64_t hash = hashAt(at);
        for (end = at + 1; end < byHash.size() && hashAt(end) == hash;)
            ++end;
        while (known != found.end() && known->hash < hash)
            ++known;
        const auto first = known;
        while (known != found.end() && known->hash == hash)
            ++known;
        classifier.judge(byHash.subspan(at, end - at), {first, known});
    }
    return classifier.finish();
}

}  // namespace meetpoint::store
