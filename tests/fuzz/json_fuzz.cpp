// SPDX-License-Identifier: Apache-2.0
// The values of an engine's answer, each asked for as every type, and streams of objects.
#include <berth/engine/internal/json.hpp>
#include <tests/fuzz/fuzz.hpp>

#include <algorithm>

namespace berth::fuzz {
namespace {

using engine::Json;
using engine::JsonSplitter;

const ErrorFacts& about() {
    static const ErrorFacts facts{.summary = "cannot inspect container 'db'",
                                  .operation = "GET /containers/db/json",
                                  .endpoint = "unix:///var/run/docker.sock"};
    return facts;
}

constexpr int k_deepest = 64;

void visit(const Json& value, int depth) {
    check(depth <= k_deepest + 1, "a value lies deeper than any may");
    const auto ask = [](const std::function<void()>& question) {
        const auto code = code_of(question);
        check(code.empty() || code == "BR0104", "a wrong type is refused with another code");
        return code.empty();
    };
    std::string text;
    const bool is_text = ask([&] { text = value.text(); });
    check(value.absent() || is_text == value.is_text(), "what is a text cannot be read as one");
    ask([&] { static_cast<void>(value.flag()); });
    const bool is_number = ask([&] { static_cast<void>(value.number()); });
    const bool is_small = ask([&] { static_cast<void>(value.small_number()); });
    check(is_number || !is_small, "a small number is no number");
    check(!ask([&] { static_cast<void>(value.required_text()); }) || !text.empty(),
          "an empty text where one is needed");
    ask([&] { static_cast<void>(value.labels()); });
    ask([&] { static_cast<void>(value.texts()); });
    if (value.absent()) {
        return;
    }
    ask([&] {
        for (const auto& item : value.items()) {
            visit(item, depth + 1);
        }
    });
    ask([&] {
        for (const auto& [key, member] : value.members()) {
            visit(member, depth + 1);
            check(value.at(key).absent() == member.absent(), "a member is here, and is not");
        }
    });
}

struct Cut {
    std::string code{};
    std::vector<std::string> objects{};
};

Cut cut(std::string_view stream, std::size_t piece) {
    Cut result;
    result.code = code_of([&] {
        JsonSplitter splitter(about());
        Pieces pieces(stream, piece);
        for (auto bytes = pieces(); !bytes.empty(); bytes = pieces()) {
            splitter.feed(bytes);
            std::string object;
            while (splitter.next(object)) {
                result.objects.push_back(object);
            }
        }
        splitter.finish();
    });
    return result;
}

void split(std::string_view stream, std::size_t piece) {
    const Cut whole = cut(stream, stream.size() + 1);
    const Cut pieces = cut(stream, piece);
    check_equal(whole.code, pieces.code, "where the network cuts a stream decides whether it is right");
    check(whole.objects == pieces.objects, "where the network cuts a stream changes its objects");
    std::size_t at = 0;
    for (const auto& object : whole.objects) {
        check(object.front() == '{' && object.back() == '}', "an object is cut wrongly");
        at = stream.find(object, at);
        check(at != std::string_view::npos, "an object is not what was sent");
        at += object.size();
    }
    if (whole.code.empty()) {
        check(stream.find_first_not_of(" \n\r\t\x1e", at) == std::string_view::npos, "bytes of a stream are lost");
    }
}

}  // namespace
}  // namespace berth::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace berth::fuzz;
    Input input(data, size);
    const std::size_t piece = input.choice(16);
    if (piece == 0) {
        const auto code = code_of([&] { visit(Json::parse(input.rest(), about()), 0); });
        check(code.empty() || code == "BR0104", "what is no JSON is refused with another code");
    } else {
        split(input.rest(), piece);
    }
    return 0;
}
