#include <algorithm>

#include "exchange/export_request.h"
#include "exchange/projection.h"
#include "formats/arrow_writer.h"
#include "formats/wire.h"

namespace meetpoint::exchange {
namespace {

using formats::ValueKind;
using formats::WireField;

// Whether records that the role is shown can ever have it.
bool isShown(const WireField& field, const store::PartSet& parts) {
    if (field.kind == ValueKind::seconds) return false;  // read only
    if (field.column >= 0) return parts.has(field.part);
    if (field.kind == ValueKind::list) return parts.network;
    if (field.kind == ValueKind::extensions) return parts.parties;
    return true;
}

// The names of one field: of an object those that are nested in it.
std::vector<std::string> namesOf(const WireField& field, const store::PartSet& parts) {
    if (!isShown(field, parts)) return {};
    const std::string name(field.name);
    if (field.kind != ValueKind::object) return {name};
    std::vector<std::string> names;
    for (const WireField& inner : field.nested)
        if (isShown(inner, parts)) names.push_back(name + "." + std::string(inner.name));
    return names;
}

std::vector<std::string> allColumns(const ExportRequest& request, const store::PartSet& parts) {
    std::vector<std::string> names;
    if (request.format == ExportFormat::arrow) {
        for (const columns::Field* field : formats::arrowFields(exportTable(request, parts)))
            names.emplace_back(field->name);
        return names;
    }
    for (const WireField& field : formats::wireRecordOf(request.kind).fields)
        std::ranges::move(namesOf(field, parts), std::back_inserter(names));
    return names;
}

// Those that a name means: itself, or all that is nested in it.
std::vector<std::string> meantBy(const std::string& name, const std::vector<std::string>& all) {
    std::vector<std::string> meant;
    for (const std::string& one : all)
        if (one == name || one.starts_with(name + ".")) meant.push_back(one);
    return meant;
}

}  // namespace

formats::ArrowShape exportTable(const ExportRequest& request, const store::PartSet& parts) {
    return {request.kind, formats::ArrowTable::records, parts.parties, parts.internal, true, request.columns};
}

Result<std::vector<std::string>> exportColumns(const ExportRequest& request, domain::Role role) {
    ExportRequest unrestricted = request;
    unrestricted.columns.clear();
    const std::vector<std::string> all = allColumns(unrestricted, partsShownTo(role));
    if (request.columns.empty()) return all;
    Error error = invalidInput("invalid-body", "Not every column can be written.");
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < request.columns.size(); ++i) {
        const std::string pointer = "/columns/" + std::to_string(i);
        const auto meant = meantBy(request.columns[i], all);
        if (meant.empty())
            error.faults.push_back({pointer, "unknown-column", "There is no such column in this export.", 0});
        for (const std::string& name : meant) {
            if (std::ranges::find(chosen, name) == chosen.end())
                chosen.push_back(name);
            else
                error.faults.push_back({pointer, "duplicate-column", "It is among the columns already.", 0});
        }
    }
    if (!error.faults.empty()) return fail(std::move(error));
    return chosen;
}

}  // namespace meetpoint::exchange
