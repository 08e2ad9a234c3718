// The charts of a report as SVG inside an HTML page. Colour alone says nothing: every bar has its name and number as
// text, or the sides stand in a fixed order.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "reconcile/report_data.h"

namespace meetpoint::reconcile {

// The text with what HTML would read as markup escaped.
std::string escaped(std::string_view text);

// Bars that lie, one a state that has items. `label` is read out instead of the picture.
std::string statesChart(const Totals& totals, std::string_view label);
// Bars that stand, one or two a place; at most a dozen of them are labelled. Nothing without bars.
std::string barsChart(std::span<const Bar> bars, std::string_view label, bool hasBothSides);

}  // namespace meetpoint::reconcile
