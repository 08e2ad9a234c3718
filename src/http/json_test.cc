#include "http/json.h"

#include <cmath>

#include <boost/json/value.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace meetpoint::http {
namespace {

enum class Colour { red, default_ };
BOOST_DESCRIBE_ENUM(Colour, red, default_)

struct Wheel {
    std::int64_t sizeMm = 0;
    bool operator==(const Wheel&) const = default;
    static constexpr FieldDoc docs[] = {{.field = "sizeMm", .what = "Diameter.", .min = 1, .max = 900}};
};
BOOST_DESCRIBE_STRUCT(Wheel, (), (sizeMm))

struct Bike {
    std::string name;
    Id id;
    Instant madeAt;
    std::optional<std::string> note;
    std::optional<Colour> colour;
    std::vector<Wheel> wheels;
    std::map<std::string, std::uint32_t> parts;
    double weightKg = 0;
    bool electric = false;
    std::optional<std::string> owner;
    std::uint8_t gears = 1;
    boost::json::value extra;

    static constexpr FieldDoc docs[] = {
        {.field = "name", .what = "What it is called.", .minLength = 1, .maxLength = 5, .pattern = "^[a-zß]+$"},
        {.field = "wheels", .maxLength = 3},
        {.field = "parts", .optional = true},
        {.field = "weightKg", .min = 0.5, .optional = true},
        {.field = "electric", .optional = true},
        {.field = "owner", .required = true},
        {.field = "gears", .optional = true},
        {.field = "extra", .optional = true},
    };
};
BOOST_DESCRIBE_STRUCT(Bike, (),
                      (name, id, madeAt, note, colour, wheels, parts, weightKg, electric, owner, gears, extra))

constexpr std::string_view complete = R"({"name":"straß","id":"018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10",
  "madeAt":"2026-03-01T10:30:00+01:00","colour":"default","wheels":[{"sizeMm":700},{"sizeMm":701}],
  "parts":{"bell":1},"weightKg":12.5,"electric":true,"owner":null,"gears":255,"extra":{"a":[1,2]}})";

std::vector<std::pair<std::string, std::string>> faultsOf(const Result<Bike>& read) {
    std::vector<std::pair<std::string, std::string>> found;
    if (!read)
        for (const Fault& fault : read.error().faults)
            found.emplace_back(fault.pointer, fault.code);
    return found;
}

TEST(Json, ReadsEveryKindOfMemberAndWritesItBack) {
    const auto bike = readJson<Bike>(complete);
    ASSERT_TRUE(bike) << bike.error().message;
    EXPECT_EQ(bike->name, "straß");
    EXPECT_EQ(formatInstant(bike->madeAt), "2026-03-01T09:30:00.000Z");
    EXPECT_EQ(bike->colour, Colour::default_);
    EXPECT_EQ(bike->wheels.at(1).sizeMm, 701);
    EXPECT_EQ(bike->parts.at("bell"), 1u);
    EXPECT_EQ(bike->gears, 255);
    EXPECT_FALSE(bike->note);
    EXPECT_EQ(writeJson(*bike),
              R"({"name":"straß","id":"018f3c2e-7d1a-7c55-9a51-0b7c6f2d8a10","madeAt":"2026-03-01T09:30:00.000Z",)"
              R"("colour":"default","wheels":[{"sizeMm":700},{"sizeMm":701}],"parts":{"bell":1},"weightKg":12.5,)"
              R"("electric":true,"owner":null,"gears":255,"extra":{"a":[1,2]}})");
}

TEST(Json, NamesEveryFaultWithItsPointer) {
    const auto read = readJson<Bike>(R"({"name":"TOOLONG","id":"x","madeAt":"2026-03-01T10:30:00","colour":"blue",
        "wheels":[{"sizeMm":0},{"sizeMm":1.5},{"size/Mm":3}],"weightKg":0.1,"gears":256,"wheelz":1})");
    EXPECT_EQ(read.error().code, "invalid-body");
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(faultsOf(read), (Pairs{{"/name", "too-long"},
                                     {"/id", "bad-id"},
                                     {"/madeAt", "time-without-zone"},
                                     {"/colour", "unknown-value"},
                                     {"/wheels/0/sizeMm", "out-of-range"},
                                     {"/wheels/1/sizeMm", "wrong-type"},
                                     {"/wheels/2/size~1Mm", "unknown-field"},
                                     {"/wheels/2/sizeMm", "missing-field"},
                                     {"/weightKg", "out-of-range"},
                                     {"/gears", "out-of-range"},
                                     {"/wheelz", "unknown-field"},
                                     {"/owner", "missing-field"}}));
    EXPECT_NE(read.error().message.find("12 faults"), std::string::npos);
}

TEST(Json, ListsOnlySoManyFaultsAndSaysSo) {
    std::string wheels;
    for (int i = 0; i < 50; ++i)
        wheels += std::string(i ? "," : "") + R"({"a":1})";
    JsonLimits limits;
    limits.faults = 10;
    const auto read = readJson<std::vector<Wheel>>("[" + wheels + "]", limits);
    EXPECT_EQ(read.error().faults.size(), 10u);
    EXPECT_NE(read.error().message.find("100 faults"), std::string::npos) << read.error().message;
}

TEST(Json, RefusesWhatIsNoJsonAndSaysWhere) {
    const auto read = readJson<Wheel>("{\n\"sizeMm\": 1,\n}");
    EXPECT_EQ(read.error().code, "bad-json");
    EXPECT_EQ(read.error().faults.at(0).line, 3u);
    EXPECT_EQ(readJson<Wheel>("").error().code, "bad-json");
    EXPECT_EQ(readJson<Wheel>("{\"sizeMm\":1} x").error().code, "bad-json");
    EXPECT_EQ(readJson<Wheel>("{\"sizeMm\":1").error().code, "bad-json");
    EXPECT_EQ(readJson<Wheel>("\"\xff\"").error().code, "bad-json");
    EXPECT_EQ(readJson<Wheel>(std::string(100, '[')).error().code, "bad-json");
    EXPECT_EQ(readJson<std::vector<double>>("[1e999999]").error().code, "bad-json");
    EXPECT_EQ(readJson<Wheel>("[]").error().faults.at(0).code, "wrong-type");
}

TEST(Json, RefusesAMemberThatStandsTwice) {
    const auto read = readJson<std::vector<Wheel>>(R"([{"sizeMm":1},{"sizeMm":1,"sizeMm":2}])");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().faults.at(0).code, "duplicate-field");
    EXPECT_EQ(read.error().faults.at(0).pointer, "/1/sizeMm");
}

TEST(Json, KeepsPatternsAndLengths) {
    std::string text(complete);
    text.replace(text.find("straß"), 6, "Stra");
    EXPECT_EQ(faultsOf(readJson<Bike>(text)).at(0).second, "bad-format");
    text.replace(text.find("Stra"), 4, "");
    EXPECT_EQ(faultsOf(readJson<Bike>(text)).at(0).second, "too-short");
}

TEST(Json, NamesTypesForPeople) {
    EXPECT_EQ(shape_detail::shortTypeName("meetpoint::api::Page<meetpoint::api::Thing>"), "PageOfThing");
    EXPECT_EQ(shapeOf<Bike>().name, "Bike");
}

TEST(Json, WritesWhatJsonCannotSayAsNull) {
    EXPECT_EQ(writeJson(std::vector<double>{1.5, std::numeric_limits<double>::infinity(), 1e300}), "[1.5,null,1e+300]");
    EXPECT_EQ(writeJson(std::string("a\"\\\n\x01\xff")), "\"a\\\"\\\\\\n\\u0001\xEF\xBF\xBD\"");
}

RC_GTEST_PROP(Json, IntegersAndTextComeBackAsTheyWere,
              (std::map<std::string, std::int64_t> numbers, std::uint64_t big)) {
    std::map<std::string, std::int64_t> clean;
    for (const auto& [key, value] : numbers)
        if (key.find_first_of(std::string("\0", 1)) == key.npos &&
            std::all_of(key.begin(), key.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
            clean[key] = value;
    const auto back = readJson<std::map<std::string, std::int64_t>>(writeJson(clean));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == clean);
    RC_ASSERT(*readJson<std::uint64_t>(writeJson(big)) == big);
}

RC_GTEST_PROP(Json, NumbersComeBackAsTheyWere, (std::uint64_t bits)) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    RC_PRE(std::isfinite(value));
    RC_ASSERT(*readJson<double>(writeJson(value)) == value);
}

RC_GTEST_PROP(Json, AnyBytesAreReadOrRefused, (std::string bytes)) {
    (void)readJson<Bike>(bytes);
    (void)readJson<std::vector<std::string>>(bytes);
}

}  // namespace
}  // namespace meetpoint::http
