#include "base/json_text.h"

#include <gtest/gtest.h>

namespace meetpoint {
namespace {

using namespace std::string_literals;

TEST(JsonText, EscapesWhatItMustAndNothingElse) {
    EXPECT_EQ(jsonString(""), R"("")");
    EXPECT_EQ(jsonString("a \"b\" \\ /"), R"("a \"b\" \\ /")");
    EXPECT_EQ(jsonString("\b\t\n\f\r"), R"("\b\t\n\f\r")");
    EXPECT_EQ(jsonString("\x01\x1f\x7f\0"s), "\"\\u0001\\u001f\x7f\\u0000\"");
    EXPECT_EQ(jsonString("Zürich é𝄞"), "\"Zürich é𝄞\"");
}

TEST(JsonText, EscapesWhereverInATextItStands) {
    const std::string plain = "Zürich é𝄞 ~0123456789 abcdefghijklm";
    for (std::size_t at = 0; at <= plain.size(); ++at) {
        const std::string before = plain.substr(0, at), after = plain.substr(at);
        for (const auto& [raw, escaped] :
             {std::pair{"\"", "\\\""}, {"\\", "\\\\"}, {"\x1f", "\\u001f"}, {"\n", "\\n"}}) {
            std::string out;
            appendJsonText(before + raw + after, out);
            EXPECT_EQ(out, '"' + before + escaped + after + '"');
        }
    }
}

TEST(JsonText, WhatIsNoUtf8DoesNotBreakTheDocument) {
    EXPECT_EQ(jsonString("Z\xfcrich"), "\"Z\xEF\xBF\xBDrich\"");
    EXPECT_EQ(jsonString("\xff\""), "\"\xEF\xBF\xBD\\\"\"");
}

TEST(JsonText, Utf8IsToldFromWhatOnlyLooksLikeIt) {
    for (const char* text : {"", "a", "é", "€", "𝄞", "\xF4\x8F\xBF\xBF"})
        EXPECT_TRUE(isUtf8(text)) << text;
    // A lone byte, a cut one, overlong, a surrogate, beyond Unicode.
    for (const char* text : {"\x80", "\xC3", "\xE2\x82", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                             "\xF5\x80\x80\x80"})
        EXPECT_FALSE(isUtf8(text)) << text;
}

}  // namespace
}  // namespace meetpoint
