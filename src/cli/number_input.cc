#include "cli/number_input.h"

#include <algorithm>
#include <fstream>
#include <optional>

#include <fmt/format.h>

#include "formats/csv.h"
#include "http/message.h"

namespace meetpoint::cli {
namespace {

constexpr std::size_t longestLine = 4'096;  // bytes
constexpr std::size_t pieceBytes = 64 << 10;

// Reads one file's lines into a list of numbers. The first line says whether there is a header.
class LineReader {
public:
    LineReader(std::string file, std::vector<InputNumber>& numbers) : file_(std::move(file)), numbers_(numbers) {}

    void take(const formats::CsvRecord& record) {
        if (wrong_) return;
        if (record.state != formats::CsvRecord::State::good) return refuse(record, "is no CSV");
        if (isFirst_ && !looksLikeNumber(record.fields[0])) return readHeader(record);
        isFirst_ = false;
        if (record.fields.size() != columns_) return refuse(record, fmt::format("has not {} columns", columns_));
        numbers_.push_back({std::string(record.fields[number_]),
                            reference_ ? std::string(record.fields[*reference_]) : std::string()});
    }
    const std::optional<Error>& wrong() const { return wrong_; }

private:
    void readHeader(const formats::CsvRecord& record) {
        isFirst_ = false;
        columns_ = record.fields.size();
        std::optional<std::size_t> number;
        for (std::size_t i = 0; i < columns_; ++i) {
            const std::string_view name = record.fields[i];
            if (http::equalIgnoringCase(name, "Numbers") || http::equalIgnoringCase(name, "telephoneNumber"))
                number = i;
            else if (http::equalIgnoringCase(name, "reference"))
                reference_ = i;
            else
                return refuse(record, fmt::format("has the column '{}', which is not known", name.substr(0, 40)));
        }
        if (!number) return refuse(record, "has no column 'Numbers' or 'telephoneNumber'");
        number_ = *number;
    }
    void refuse(const formats::CsvRecord& record, const std::string& why) {
        wrong_ =
            invalidInput("bad-csv", fmt::format("{}:{}: the line {}. Nothing was ordered.", file_, record.line, why));
    }

    std::string file_;
    std::vector<InputNumber>& numbers_;
    bool isFirst_ = true;
    std::size_t columns_ = 1, number_ = 0;
    std::optional<std::size_t> reference_;
    std::optional<Error> wrong_;
};

Result<void> readLines(const std::string& file, std::istream& in, std::vector<InputNumber>& numbers) {
    LineReader reader(file, numbers);
    formats::CsvSplitter splitter(',', '"', longestLine);
    const auto sink = [&](const formats::CsvRecord& record) { reader.take(record); };
    std::string piece(pieceBytes, '\0');
    while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0)
        splitter.feed(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount())), sink);
    splitter.finish(sink);
    if (in.bad()) return fail(invalidInput("file-not-readable", file + " cannot be read to its end."));
    if (reader.wrong()) return fail(*reader.wrong());
    return {};
}

}  // namespace

bool looksLikeNumber(std::string_view word) {
    if (word.starts_with('+')) word.remove_prefix(1);
    return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

Result<std::vector<InputNumber>> readNumbers(const std::vector<std::string>& arguments, std::istream& in) {
    std::vector<InputNumber> numbers;
    for (const std::string& argument : arguments) {
        if (looksLikeNumber(argument)) {
            numbers.push_back({argument, {}});
        } else if (argument == "-") {
            TRY(readLines("standard input", in, numbers));
        } else {
            std::ifstream file(argument, std::ios::binary);
            if (!file || file.peek() == std::ifstream::traits_type::eof())
                return fail(invalidInput("file-not-readable", "There is no file " + argument +
                                                                  " that can be read, or it is empty. Numbers "
                                                                  "are written like +41446681800."));
            TRY(readLines(argument, file, numbers));
        }
    }
    if (numbers.empty())
        return fail(invalidInput("no-numbers", "Name numbers, a file with a number a line, or - for standard input."));
    return numbers;
}

}  // namespace meetpoint::cli
