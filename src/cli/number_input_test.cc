// Numbers as people name them: arguments, files, standard input.
#include "cli/number_input.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace meetpoint::cli {
namespace {

std::string read(const std::string& text) {
    std::istringstream in(text);
    const auto numbers = readNumbers({"-"}, in);
    if (!numbers) return numbers.error().code + ": " + numbers.error().message;
    std::string out;
    for (const InputNumber& number : *numbers)
        out += (out.empty() ? "" : " ") + number.telephoneNumber +
               (number.reference.empty() ? "" : "(" + number.reference + ")");
    return out;
}

TEST(NumberInput, ReadsLinesAndCsv) {
    EXPECT_EQ(read("+41446681800\n41446681801\r\n\n+41446681802"), "+41446681800 41446681801 +41446681802");
    EXPECT_EQ(read("Numbers\n+41446681800\n"), "+41446681800");
    EXPECT_EQ(read("reference,telephoneNumber\na,+41446681800\n\"b, c\",0446681801\n,rubbish\n"),
              "+41446681800(a) 0446681801(b, c) rubbish")
        << "what a number must look like, the exchange says number by number";
}

TEST(NumberInput, NamesTheLineThatItCannotRead) {
    EXPECT_EQ(read("Numbers,colour\n+41446681800,red\n"),
              "bad-csv: standard input:1: the line has the column 'colour', which is not known. Nothing was ordered.");
    EXPECT_EQ(read("reference\na\n"),
              "bad-csv: standard input:1: the line has no column 'Numbers' or 'telephoneNumber'. Nothing was ordered.");
    EXPECT_EQ(read("+41446681800\n+41446681801,a\n"),
              "bad-csv: standard input:2: the line has not 1 columns. Nothing was ordered.");
    EXPECT_EQ(read("Numbers\n\"+41446681800\n").substr(0, 8), "bad-csv:");
    EXPECT_EQ(read("").substr(0, 11), "no-numbers:");
}

TEST(NumberInput, ArgumentsAreNumbersOrFiles) {
    const auto file = std::filesystem::temp_directory_path() / ("number-input-test-" + std::to_string(::getpid()));
    std::ofstream(file) << "+41446681801\n";
    std::istringstream in("+41446681802\n");
    const auto numbers = readNumbers({"41446681800", file.string(), "-"}, in);
    std::filesystem::remove(file);
    ASSERT_TRUE(numbers) << numbers.error().message;
    ASSERT_EQ(numbers->size(), 3u);
    EXPECT_EQ((*numbers)[0].telephoneNumber, "41446681800");
    EXPECT_EQ((*numbers)[1].telephoneNumber, "+41446681801");
    EXPECT_EQ((*numbers)[2].telephoneNumber, "+41446681802");
    std::istringstream nothing;
    const auto missing = readNumbers({file.string()}, nothing);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, "file-not-readable");
    EXPECT_NE(missing.error().message.find(file.string()), std::string::npos);
}

}  // namespace
}  // namespace meetpoint::cli
