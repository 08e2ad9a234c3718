#include "simulation/number_model.h"

#include <algorithm>

namespace meetpoint::outside {
namespace {

constexpr const char* notAllowed = "transition-not-allowed";

void take(ModelNumber& number, const std::string& action, const std::string& state) {
    number.history.push_back(action);
    number.state = state;
}

void free(ModelNumber& number) {
    number.target.reset();
    number.category.clear();
    number.sipUri.reset();
}

}  // namespace

ModelNumber* NumberModel::live(std::size_t spelling) {
    for (auto& [id, number] : numbers_)
        if (number.spelling == spelling && number.state != "removed" && number.state != "portingIn") return &number;
    return nullptr;
}

ModelNumber* NumberModel::portingIn(std::size_t spelling) {
    for (auto& [id, number] : numbers_)
        if (number.spelling == spelling && number.state == "portingIn") return &number;
    return nullptr;
}

std::string NumberModel::mayUpload(std::size_t carrier, std::size_t spelling) {
    const ModelNumber* held = live(spelling);
    if (!held) return "";
    return held->carrier == carrier ? "number-already-held" : "numberNotAvailable";
}

void NumberModel::upload(const std::string& id, std::size_t carrier, std::size_t tenant, std::size_t spelling) {
    ModelNumber& number = numbers_[id];
    number.id = id;
    number.spelling = spelling;
    number.carrier = carrier;
    number.tenant = tenant;
    take(number, "upload", "available");
}

std::string NumberModel::mayRelease(std::size_t carrier, std::size_t tenant, std::size_t spelling) {
    const ModelNumber* held = live(spelling);
    if (!held || held->carrier != carrier || held->tenant != tenant) return "number-not-found";
    return held->state == "available" || held->state == "assignmentFailed" ? "" : notAllowed;
}

void NumberModel::release(std::size_t spelling, const std::string& work) {
    ModelNumber& number = *live(spelling);
    take(number, "requestRelease", "releaseRequested");
    free(number);
    number.work = work;
}

bool NumberModel::hasPrimary(std::size_t tenant, std::size_t target, const std::string& except) const {
    return std::ranges::any_of(numbers_, [&](const auto& entry) {
        const ModelNumber& other = entry.second;
        return other.id != except && other.tenant == tenant && other.target == target && other.category == "primary" &&
               other.state != "removed" && other.state != "assignmentFailed";
    });
}

std::string NumberModel::mayAssign(const ModelNumber& number, std::size_t target, const std::string& category) const {
    if (category == "primary" && hasPrimary(number.tenant, target, number.id)) return "primary-exists";
    return number.state == "available" || number.state == "assignmentFailed" ? "" : notAllowed;
}

void NumberModel::assign(ModelNumber& number, std::size_t target, const std::string& category,
                         const std::string& sipUri, const std::string& work) {
    take(number, "assign", "assignmentPending");
    number.target = target;
    number.category = category;
    number.sipUri = sipUri;
    number.work = work;
}

std::string NumberModel::mayUnassign(const ModelNumber& number) {
    return number.state == "assigned" || number.state == "assignmentFailed" ? "" : notAllowed;
}

void NumberModel::unassign(ModelNumber& number, const std::string& work) {
    // What failed is routed nowhere: there is nothing for the switch to do.
    const bool isRouted = number.state == "assigned";
    take(number, "unassign", isRouted ? "unassignPending" : "available");
    if (isRouted)
        number.work = work;
    else
        free(number);
}

void NumberModel::confirm(ModelNumber& number, bool succeeded) {
    if (number.state == "assignmentPending") {
        take(number, succeeded ? "confirmAssignment" : "failAssignment", succeeded ? "assigned" : "assignmentFailed");
    } else if (number.state == "unassignPending") {
        take(number, succeeded ? "confirmUnassignment" : "failUnassignment", succeeded ? "available" : "assigned");
        if (succeeded) free(number);
    } else {
        take(number, succeeded ? "remove" : "failRemoval", succeeded ? "removed" : "available");
    }
}

std::string NumberModel::mayPort(std::size_t carrier, std::size_t spelling) {
    const ModelNumber* held = live(spelling);
    if (held && held->carrier == carrier) return "number-already-held";
    return portingIn(spelling) ? "numberNotAvailable" : "";
}

void NumberModel::port(const std::string& portId, const std::string& numberId, std::size_t carrier, std::size_t tenant,
                       std::size_t spelling) {
    const ModelNumber* held = live(spelling);
    ports_[portId] = {portId, numberId, held ? std::optional(held->id) : std::nullopt, held ? "requested" : "accepted"};
    ModelNumber& number = numbers_[numberId];
    number.id = numberId;
    number.spelling = spelling;
    number.carrier = carrier;
    number.tenant = tenant;
    take(number, "portIn", "portingIn");
}

std::string NumberModel::mayMove(const ModelPort& port, const std::string& to) {
    const bool isOpen = port.state == "requested" || port.state == "accepted";
    if (to == "accepted" || to == "objected") return port.state == "requested" ? "" : notAllowed;
    if (to == "cancelled") return isOpen ? "" : notAllowed;
    if (port.state != "accepted") return notAllowed;
    // Who holds the number now must be the one that accepted.
    const ModelNumber* held = live(numbers_.at(port.gaining).spelling);
    return held && held->id != port.losing ? "number-not-available" : "";
}

bool NumberModel::movePort(ModelPort& port, const std::string& to) {
    ModelNumber& gaining = numbers_.at(port.gaining);
    port.state = to;
    if (to == "accepted") return false;
    if (to != "completed") {
        take(gaining, "cancelPort", "removed");
        return false;
    }
    ModelNumber* held = live(gaining.spelling);
    std::optional<std::size_t> kept;
    std::string category;
    std::optional<std::string> sipUri;
    if (held) {
        const bool isInUse = held->state == "assigned" || held->state == "assignmentPending";
        if (isInUse && held->tenant == gaining.tenant) {
            kept = held->target;
            category = held->category;
            sipUri = held->sipUri;
        }
        take(*held, "portOut", "removed");
        if (!isInUse) free(*held);
    }
    take(gaining, "completePort", "available");
    if (!kept || !mayAssign(gaining, *kept, category).empty()) return false;
    assign(gaining, *kept, category, *sipUri, "");
    return true;
}

}  // namespace meetpoint::outside
