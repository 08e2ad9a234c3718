#include "http/parameters.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace meetpoint::http {
namespace {

const std::vector<Parameter> declared{
    integerParameter("limit", "", 1, 100, 20),
    required(textParameter("name", "", 5)),
    instantParameter("from", ""),
    dateParameter("day", ""),
    booleanParameter("all", ""),
    choiceParameter("order", "", {"up", "down"}, "up"),
    repeatable(idParameter("id", "")),
};

std::vector<std::pair<std::string, std::string>> faultsOf(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> found;
    const auto checked = checkParameters(declared, *parseForm(query), "query");
    if (!checked)
        for (const Fault& fault : checked.error().faults)
            found.emplace_back(fault.pointer, fault.code);
    return found;
}

TEST(Parameters, AreCheckedAndFilledIn) {
    const auto values =
        checkParameters(declared,
                        *parseForm("name=a%20b+c&from=2026-03-01T00:00:00%2B01:00&day=2026-02-28&all=true&"
                                   "id=018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10&id=018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a11"),
                        "query");
    ASSERT_TRUE(values) << values.error().message;
    EXPECT_EQ(values->integer("limit"), 20);
    EXPECT_EQ(values->text("name"), "a b c");
    EXPECT_EQ(formatInstant(*values->instant("from")), "2026-02-28T23:00:00.000Z");
    EXPECT_EQ(formatDay(*values->date("day")), "2026-02-28");
    EXPECT_TRUE(values->boolean("all"));
    EXPECT_EQ(values->text("order"), "up");
    EXPECT_EQ(values->texts("id").size(), 2u);
    EXPECT_FALSE(values->text("nothing"));
}

TEST(Parameters, FaultsAreAllNamed) {
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(faultsOf("limit=0&limt=3&from=2026-03-01T00:00:00&day=x&all=yes&order=left&id=1"),
              (Pairs{{"query/limit", "parameter-out-of-range"},
                     {"query/limt", "unknown-parameter"},
                     {"query/from", "bad-parameter"},
                     {"query/day", "bad-parameter"},
                     {"query/all", "bad-parameter"},
                     {"query/order", "bad-parameter"},
                     {"query/id", "bad-parameter"},
                     {"query/name", "missing-parameter"}}));
    EXPECT_EQ(faultsOf("name=a&name=b"), (Pairs{{"query/name", "repeated-parameter"}}));
    EXPECT_EQ(faultsOf("name=abcdef"), (Pairs{{"query/name", "parameter-out-of-range"}}));
    EXPECT_EQ(faultsOf("name=a&limit=1x"), (Pairs{{"query/limit", "bad-parameter"}}));
}

TEST(Parameters, WrongEscapesAreRefused) {
    for (auto text : {"a=%", "a=%4", "a=%zz", "%ff=1", "a=%00", "a=%C0%80", "a=%ED%A0%80"})
        EXPECT_EQ(parseForm(text).error().code, "bad-escape") << text;
    std::string many;
    for (int i = 0; i < 300; ++i)
        many += "a=1&";
    EXPECT_EQ(parseForm(many).error().code, "too-many-parameters");
}

RC_GTEST_PROP(Parameters, EscapingComesBack, (std::vector<std::uint8_t> bytes)) {
    std::string text;
    for (const std::uint8_t byte : bytes)
        text += static_cast<char>(byte % 127 + 1);
    RC_ASSERT(*percentDecode(percentEncode(text)) == text);
}

}  // namespace
}  // namespace meetpoint::http
