// What a few carriers and tenants may do to a few numbers, and what becomes of it, said a second time and as plainly as
// possible. It knows nothing of the exchange: only what its documentation promises.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace meetpoint::outside {

struct ModelNumber {
    std::string id;
    std::size_t spelling = 0;  // which of the telephone numbers
    std::size_t carrier = 0, tenant = 0;
    std::string state;
    std::optional<std::size_t> target;  // of the tenant's users
    std::string category;
    std::optional<std::string> sipUri;
    std::string work;                  // the operation that it waits for
    std::vector<std::string> history;  // what was done, oldest first

    bool isPending() const {
        return state == "assignmentPending" || state == "unassignPending" || state == "releaseRequested";
    }
};

struct ModelPort {
    std::string id;
    std::string gaining;  // the number's id at the carrier that gains it
    std::optional<std::string> losing;
    std::string state;
};

// Each step answers the code that the exchange must refuse it with; empty: it must succeed, and the model has moved on.
class NumberModel {
public:
    // The number of that spelling that is live, or null.
    ModelNumber* live(std::size_t spelling);
    ModelNumber* portingIn(std::size_t spelling);
    ModelNumber& number(const std::string& id) { return numbers_.at(id); }
    const std::map<std::string, ModelNumber>& numbers() const { return numbers_; }
    std::map<std::string, ModelPort>& ports() { return ports_; }

    std::string mayUpload(std::size_t carrier, std::size_t spelling);
    void upload(const std::string& id, std::size_t carrier, std::size_t tenant, std::size_t spelling);
    std::string mayRelease(std::size_t carrier, std::size_t tenant, std::size_t spelling);
    void release(std::size_t spelling, const std::string& work);

    std::string mayAssign(const ModelNumber& number, std::size_t target, const std::string& category) const;
    void assign(ModelNumber& number, std::size_t target, const std::string& category, const std::string& sipUri,
                const std::string& work);
    static std::string mayUnassign(const ModelNumber& number);
    static void unassign(ModelNumber& number, const std::string& work);
    // The switch ends what the number waits for.
    static void confirm(ModelNumber& number, bool succeeded);

    std::string mayPort(std::size_t carrier, std::size_t spelling);
    void port(const std::string& portId, const std::string& numberId, std::size_t carrier, std::size_t tenant,
              std::size_t spelling);
    std::string mayMove(const ModelPort& port, const std::string& to);
    // True: the number stays with its target, and waits for the switch at its new carrier.
    bool movePort(ModelPort& port, const std::string& to);

private:
    bool hasPrimary(std::size_t tenant, std::size_t target, const std::string& except) const;

    std::map<std::string, ModelNumber> numbers_;
    std::map<std::string, ModelPort> ports_;
};

}  // namespace meetpoint::outside
