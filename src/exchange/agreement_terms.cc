#include "exchange/agreement_terms.h"

#include <boost/json.hpp>

namespace meetpoint::exchange {
namespace {

namespace json = boost::json;
using domain::AgreementTerms;

constexpr std::string_view bases = "invite,ring,answer";
constexpr std::int64_t hourMs = 3'600'000;

std::string textOf(const json::value& value) {
    const json::string& text = value.as_string();
    return {text.data(), text.size()};
}

domain::RecordedScope scopeOf(const json::object& from) {
    domain::RecordedScope scope{from.at("answeredOnly").as_bool(), false, false, from.at("onNet").as_bool()};
    for (const json::value& direction : from.at("directions").as_array())
        (direction.as_string() == "inbound" ? scope.inbound : scope.outbound) = true;
    return scope;
}

AgreementTerms termsOf(const json::object& from) {
    AgreementTerms terms;
    terms.tolerance = milliseconds(from.at("toleranceMs").as_int64());
    terms.tolerancePerMille = from.at("tolerancePerMille").as_int64();
    if (const json::value* increments = from.if_contains("increments"))
        terms.increments = domain::Increments{seconds(increments->at("initialSeconds").as_int64()),
                                              seconds(increments->at("stepSeconds").as_int64())};
    if (const json::value* basis = from.if_contains("durationBasis"))
        terms.durationBasis = readTimeBasis(textOf(*basis)).value_or(domain::TimeBasis::answer);
    if (const json::value* zone = from.if_contains("timeZone")) terms.timeZone = textOf(*zone);
    if (const json::value* scope = from.if_contains("scope")) terms.scope = scopeOf(scope->as_object());
    terms.billingCycleStartDay = from.at("billingCycleStartDay").as_int64();
    if (const json::value* due = from.if_contains("dueAfterHours")) terms.dueAfter = hours(due->as_int64());
    if (const json::value* close = from.if_contains("closeAfterHours")) terms.closeAfter = hours(close->as_int64());
    return terms;
}

}  // namespace

std::string_view name(domain::TimeBasis basis) {
    return domain::nameAt(bases, static_cast<std::size_t>(basis));
}

std::optional<domain::TimeBasis> readTimeBasis(std::string_view word) {
    const auto index = domain::indexIn(bases, word);
    return index ? std::optional(static_cast<domain::TimeBasis>(*index)) : std::nullopt;
}

json::object incrementsJson(const domain::Increments& increments) {
    return {{"initialSeconds", increments.initial.ms / 1000}, {"stepSeconds", increments.step.ms / 1000}};
}

json::object scopeJson(const domain::RecordedScope& scope) {
    json::array directions;
    if (scope.inbound) directions.emplace_back("inbound");
    if (scope.outbound) directions.emplace_back("outbound");
    return {{"answeredOnly", scope.answeredOnly}, {"directions", std::move(directions)}, {"onNet", scope.onNet}};
}

json::object termsJson(const AgreementTerms& terms) {
    json::object out{{"toleranceMs", terms.tolerance.ms}, {"tolerancePerMille", terms.tolerancePerMille}};
    if (terms.increments) out["increments"] = incrementsJson(*terms.increments);
    if (terms.durationBasis) out["durationBasis"] = name(*terms.durationBasis);
    if (terms.timeZone) out["timeZone"] = *terms.timeZone;
    if (terms.scope) out["scope"] = scopeJson(*terms.scope);
    out["billingCycleStartDay"] = terms.billingCycleStartDay;
    if (terms.dueAfter) out["dueAfterHours"] = terms.dueAfter->ms / hourMs;
    if (terms.closeAfter) out["closeAfterHours"] = terms.closeAfter->ms / hourMs;
    return out;
}

std::string termsText(const AgreementTerms& terms) {
    return json::serialize(termsJson(terms));
}

Result<AgreementTerms> readTerms(const std::string& text) {
    try {
        return termsOf(json::parse(text).as_object());
    } catch (const std::exception& problem) {
        return fail(internalError(std::string("the terms of an agreement cannot be read: ") + problem.what()));
    }
}

}  // namespace meetpoint::exchange
