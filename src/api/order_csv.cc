#include "api/order_csv.h"

#include "formats/csv.h"

namespace meetpoint::api {
namespace {

using exchange::NumberOrder;
using exchange::OrderedNumber;

constexpr std::size_t longestLine = 4'096;  // bytes
constexpr std::size_t mostFaults = 100;     // listed

// Puts one field into a number; what is wrong with it, or nothing.
using Setter = std::optional<std::string> (*)(OrderedNumber&, std::string_view);
struct Column {
    std::string_view name;
    Setter set;
};

std::optional<std::string> setNumber(OrderedNumber& number, std::string_view text) {
    number.telephoneNumber = text;
    return std::nullopt;
}
template <std::optional<std::string> OrderedNumber::*member>
std::optional<std::string> setText(OrderedNumber& number, std::string_view text) {
    if (!text.empty()) number.*member = std::string(text);
    return std::nullopt;
}
std::optional<std::string> setTarget(OrderedNumber& number, std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto id = parseId(text);
    if (!id) return "'targetId' is a UUID";
    number.targetId = *id;
    return std::nullopt;
}

constexpr Column orderColumns[] = {
    {"Numbers", setNumber}, {"telephoneNumber", setNumber}, {"reference", setText<&OrderedNumber::reference>}};
constexpr Column assignmentColumns[] = {{"Numbers", setNumber},
                                        {"telephoneNumber", setNumber},
                                        {"targetId", setTarget},
                                        {"userPrincipalName", setText<&OrderedNumber::userPrincipalName>},
                                        {"sipUri", setText<&OrderedNumber::sipUri>},
                                        {"category", setText<&OrderedNumber::category>},
                                        {"reason", setText<&OrderedNumber::reason>}};

// Reads the lines of one body.
class OrderLines {
public:
    explicit OrderLines(std::span<const Column> known) : known_(known) {}

    void take(const formats::CsvRecord& record) {
        if (record.state != formats::CsvRecord::State::good)
            return fault(record.line, "this is no line of CSV, or is longer than 4,096 bytes");
        if (columns_.empty()) return takeHeader(record);
        if (record.fields.size() != columns_.size())
            return fault(record.line, "the header names " + std::to_string(columns_.size()) + " columns, here are " +
                                          std::to_string(record.fields.size()));
        OrderedNumber number;
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (const auto wrong = columns_[i](number, record.fields[i])) fault(record.line, *wrong);
        numbers_.push_back(std::move(number));
    }

    Result<std::vector<OrderedNumber>> finish() {
        if (columns_.empty() && error_.faults.empty()) fault(1, "the body is empty; begin with a header line");
        if (!error_.faults.empty()) return meetpoint::fail(std::move(error_));
        return std::move(numbers_);
    }

private:
    void takeHeader(const formats::CsvRecord& record) {
        for (const std::string_view name : record.fields) {
            const auto found = std::ranges::find(known_, name, &Column::name);
            if (found == known_.end())
                return fault(record.line, "there is no column '" + std::string(name.substr(0, 64)) + "' here");
            columns_.push_back(found->set);
        }
        if (std::ranges::find(columns_, &setNumber) == columns_.end())
            fault(record.line, "a column 'telephoneNumber' (or 'Numbers') is missing");
    }
    void fault(std::uint64_t line, std::string what) {
        if (error_.faults.size() < mostFaults) error_.faults.push_back({"", "bad-csv", std::move(what), line});
        if (columns_.empty()) columns_.push_back(&setNumber);  // so that the lines below are not taken for headers
    }

    std::span<const Column> known_;
    std::vector<Setter> columns_;
    std::vector<OrderedNumber> numbers_;
    Error error_ = invalidInput("bad-csv", "The order's CSV cannot be read. Nothing was ordered.");
};

Result<std::vector<OrderedNumber>> readLines(const std::string& body, std::span<const Column> known) {
    OrderLines lines(known);
    formats::CsvSplitter splitter(',', '"', longestLine);
    const auto take = [&](const formats::CsvRecord& record) { lines.take(record); };
    splitter.feed(body, take);
    splitter.finish(take);
    return lines.finish();
}

std::vector<std::string> split(const std::optional<std::string>& names) {
    std::vector<std::string> list;
    std::string_view rest = names ? std::string_view(*names) : std::string_view();
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        list.emplace_back(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return list;
}

}  // namespace

Result<NumberOrder> readOrderCsv(const http::Request& request) {
    NumberOrder order;
    const auto kind = request.query.text("kind").value_or("upload");
    order.kind = kind == "release" ? exchange::OrderKind::release
                 : kind == "port"  ? exchange::OrderKind::port
                                   : exchange::OrderKind::upload;
    order.tenantId = request.query.id("tenantId");
    order.usage = request.query.text("usage").value_or(order.usage);
    order.additionalUsage = request.query.text("additionalUsage");
    order.capabilities = split(request.query.text("capabilities"));
    order.country = request.query.text("country");
    order.locationId = request.query.text("locationId");
    order.callingProfileId = request.query.text("callingProfileId");
    order.ticketId = request.query.text("ticketId");
    order.portAt = request.query.instant("portAt");
    TRY_ASSIGN(order.numbers, readLines(request.body, orderColumns));
    return order;
}

Result<NumberOrder> readAssignmentCsv(const http::Request& request) {
    NumberOrder order;
    order.kind = request.query.text("kind") == "unassign" ? exchange::OrderKind::unassign : exchange::OrderKind::assign;
    order.tenantId = request.query.id("tenantId");
    TRY_ASSIGN(order.numbers, readLines(request.body, assignmentColumns));
    return order;
}

}  // namespace meetpoint::api
