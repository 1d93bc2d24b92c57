// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/json.hpp>
#include <tests/engine/scripted_engine.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::engine {
namespace {

using support::text_of_error;
using ::testing::ElementsAre;
using ::testing::Pair;

const ErrorFacts k_about{.summary = "cannot inspect container 'db'", .operation = "GET /containers/db/json"};

std::string wrong(const std::string& why, const std::string& engine = {}) {
    return "error[BR0104]: cannot inspect container 'db': the engine's answer makes no sense: " + why +
           (engine.empty() ? "" : "\n  engine: " + engine) +
           "\n  call: GET /containers/db/json"
           "\n  hint: something between Berth and the engine may have changed the answer; 'docker version' shows who "
           "is there";
}

Json parse(const std::string& text) {
    return Json::parse(text, k_about);
}

TEST(Json, ReadsWhatIsThereAndTakesNullForAbsent) {
    const Json json = parse(R"({"a": {"b": [1, null, -3]}, "t": "x", "yes": true, "nothing": null, "l": {"k": "v"}})");

    EXPECT_EQ(json.at("a").at("b").items().at(2).number(), -3);
    EXPECT_TRUE(json.at("a").at("b").items().at(1).absent());
    EXPECT_EQ(json.at("t").text(), "x");
    EXPECT_TRUE(json.at("yes").flag());
    EXPECT_TRUE(json.at("nothing").at("below").at("it").absent());
    EXPECT_EQ(json.at("missing").number(7), 7);
    EXPECT_THAT(json.at("l").labels(), ElementsAre(Pair("k", "v")));
    EXPECT_TRUE(json.at("nothing").items().empty());
}

TEST(Json, NamesKeyAndTypeOfWhatIsWrong) {
    const Json json = parse(
        R"({"State": {"Pid": "12", "Log": [{"ExitCode": 1.5}], "Big": 5000000000, "Huge": 18446744073709551615}})");
    const Json state = json.at("State");

    EXPECT_EQ(text_of_error([&] { (void)state.at("Pid").number(); }),
              wrong("'State.Pid' is a JSON string, not a whole number"));
    EXPECT_EQ(text_of_error([&] { (void)state.at("Log").items()[0].at("ExitCode").number(); }),
              wrong("'State.Log[0].ExitCode' is a JSON number, not a whole number"));
    EXPECT_EQ(text_of_error([&] { (void)state.at("Big").small_number(); }),
              wrong("'State.Big' is a JSON number, not a number of at most 32 bits"));
    EXPECT_EQ(text_of_error([&] { (void)state.at("Huge").number(); }),
              wrong("'State.Huge' is a JSON number, not a whole number"));
    EXPECT_EQ(text_of_error([&] { (void)state.at("Log").flag(); }),
              wrong("'State.Log' is a JSON array, not true or false"));
    EXPECT_EQ(text_of_error([&] { (void)state.items(); }), wrong("'State' is a JSON object, not a list"));
    EXPECT_EQ(text_of_error([&] { (void)state.at("Log").at("x"); }),
              wrong("'State.Log' is a JSON array, not an object"));
    EXPECT_EQ(text_of_error([&] { (void)json.at("Id").required_text(); }),
              wrong("'Id' is absent, not a string with something in it"));
    EXPECT_EQ(text_of_error([&] { (void)json.text(); }), wrong("'the whole' is a JSON object, not a string"));
}

TEST(Json, RefusesWhatIsNone) {
    EXPECT_EQ(text_of_error([] { parse("<html>\n<h1>502 Bad Gateway\x1b[2J"); }),
              wrong("no JSON from byte 1 on", "<html> <h1>502 Bad Gateway\\x1b[2J"));
    EXPECT_EQ(text_of_error([] { parse(R"({"a": 1)"); }), wrong("no JSON from byte 8 on", R"({"a": 1)"));
    EXPECT_EQ(text_of_error([] { parse(""); }), wrong("no JSON from byte 1 on"));
    EXPECT_EQ(text_of_error([] { parse(R"({"a": 1e999})"); }), wrong("no JSON", R"({"a": 1e999})"));
}

TEST(Json, RefusesDeepNesting) {
    const std::string deep = std::string(100'000, '[');

    EXPECT_EQ(text_of_error([&] { parse(deep); }), wrong("JSON nested deeper than 64", std::string(200, '[') + "…"));
    EXPECT_EQ(text_of_error([] { parse(std::string(60, '[') + std::string(60, ']')); }), "no error");
}

std::vector<std::string> split(const std::string& text, std::size_t piece) {
    JsonSplitter splitter(k_about);
    std::vector<std::string> objects;
    std::string object;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        splitter.feed(std::string_view(text).substr(at, piece));
        while (splitter.next(object)) {
            objects.push_back(object);
        }
    }
    splitter.finish();
    return objects;
}

TEST(JsonSplitter, CutsObjectsHoweverTheyCome) {
    const std::string stream = "{\"a\":1}\r\n{\"b\":\"}{\\\"\\\\\"}{\"c\":{\"d\":{}}}\n\n{}";

    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        EXPECT_THAT(split(stream, piece),
                    ElementsAre("{\"a\":1}", "{\"b\":\"}{\\\"\\\\\"}", "{\"c\":{\"d\":{}}}", "{}"))
            << piece;
    }
    EXPECT_TRUE(split("", 1).empty());
}

TEST(JsonSplitter, RefusesACutObjectAndOtherThings) {
    EXPECT_EQ(text_of_error([] { split("{\"a\":1}{\"b\":", 3); }),
              wrong("the stream ended in the middle of an object", "{\"b\":"));
    EXPECT_EQ(text_of_error([] { split("{\"a\":1}\nError: x", 100); }),
              wrong("no JSON object in the stream", "Error: x"));
    std::string endless = wrong("one object of more than 1048576 bytes", "{\"" + std::string(198, 'x') + "…");
    endless.replace(endless.find("BR0104"), 6, "BR0112");
    EXPECT_EQ(text_of_error([] { split("{\"" + std::string(2'000'000, 'x'), 65536); }), endless);
}

TEST(Excerpt, KeepsWholeCharactersAndNoControls) {
    EXPECT_EQ(excerpt("  a\r\nb\tc\x1b  \n"), "a  b c\\x1b");
    EXPECT_EQ(excerpt("größe", 4), "gr…");
    EXPECT_EQ(excerpt(" \n"), "");
}

}  // namespace
}  // namespace berth::engine
