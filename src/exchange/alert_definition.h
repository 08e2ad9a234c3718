// What an alert rule says, and how rules, groups and windows stand in the store: as JSON that only this file reads.
#pragma once

#include <boost/json/object.hpp>

#include "exchange/services.h"
#include "quality/alert_text.h"

namespace meetpoint::exchange {

struct AlertDefinition {
    quality::Measure measure;
    quality::AlertCondition condition;
    std::vector<quality::Dimension> groupBy;  // no times; an alert a group
    quality::Filters filters;
    std::optional<Id> carrierId;  // of the platform's rules: of this carrier's calls alone
    Duration window = minutes(15);
    TimeZone zone = TimeZone::utc();  // whose hours are compared with those of other days
};

// Code "bad-alert-rule": what contradicts itself, or can never be evaluated.
Result<void> checkDefinition(const AlertDefinition& definition);

std::string definitionText(const AlertDefinition& definition);
// Of a text that definitionText() made; else internal.
Result<AlertDefinition> readDefinition(const std::string& text);

// {"trunk":"sbc1","region":null}
std::string groupKeyText(const std::vector<quality::Dimension>& groupBy, const quality::GroupKey& key);

// {"denominator":40,"value":0.5,"numerator":20}; what is not known is left out.
boost::json::object readingJson(const quality::Reading& reading);

// The window that decided, and the sentence that tells of it.
struct DecidingWindow {
    quality::AlertWindow window;
    std::string sentence;
};
std::string windowText(const DecidingWindow& window);
// Of a text that windowText() made; else internal.
Result<DecidingWindow> readWindow(const std::string& text);

}  // namespace meetpoint::exchange
