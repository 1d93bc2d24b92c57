// SPDX-License-Identifier: Apache-2.0
// Durations, sizes, numbers, ports, images, endpoints, names: what is read is the same when it is written and read
// again.
#include <berth/core/image_reference.hpp>
#include <berth/core/names.hpp>
#include <berth/core/pattern.hpp>
#include <berth/core/redaction.hpp>
#include <berth/core/text_distance.hpp>
#include <berth/core/units.hpp>
#include <berth/http/endpoint.hpp>
#include <berth/http/message.hpp>
#include <berth/yaml/reader.hpp>
#include <tests/fuzz/fuzz.hpp>

#include <algorithm>
#include <cmath>

namespace berth::fuzz {
namespace {

void duration(std::string_view text) {
    if (const auto value = parse_duration(text)) {
        check(value->count() >= 0 && *value <= std::chrono::hours(24), "a duration outside of its bounds");
        check(parse_duration(format_duration(*value)) == value, "a duration does not come back");
        check_printable(readable_duration(*value));
    }
}

void size(std::string_view text) {
    if (const auto value = parse_size(text)) {
        check(parse_size(format_size(*value)) == value, "a size does not come back");
    }
}

void number(std::string_view text) {
    if (const auto value = parse_integer(text)) {
        const std::string written = std::to_string(*value);
        check(parse_integer(written) == value, "a whole number does not come back");
        check(parse_number(text).has_value(), "a whole number is no number");
    }
    if (const auto value = parse_number(text)) {
        check(std::isfinite(*value), "a number without end");
    }
    if (const auto value = parse_mode(text)) {
        check(*value <= 07777, "a mode outside of its bounds");
    }
}

void image(std::string_view text) {
    ImageReference reference;
    ImageReferenceError error;
    if (!parse_image_reference(text, reference, error)) {
        check(!error.why.empty() && error.position >= 1 && error.position <= text.size() + 1,
              "a mistake outside of its text");
        check_printable(error.why);
        return;
    }
    check_printable(reference.normalised());
    for (const auto& again : {reference.normalised(), reference.familiar()}) {
        ImageReference second;
        check(parse_image_reference(again, second, error), "an image cannot be read again");
        check_equal(second.repository, reference.repository, "an image's repository changes");
        check_equal(second.registry, reference.registry, "an image's registry changes");
        check_equal(second.digest, reference.digest, "an image's digest changes");
    }
    std::map<std::string, std::string> substitutions;
    if (parse_substitutions("docker.io/library=berth.local," + std::string(text) + "=berth.local/x:1", substitutions)) {
        check(!substitute_image(text, substitutions).empty(), "an image is replaced by nothing");
    }
}

void endpoint(std::string_view text) {
    http::Endpoint found;
    const auto code = code_of([&] { found = http::parse_endpoint(text); });
    check(code.empty() || code == "BR0110", "an endpoint is refused with another code");
    if (!code.empty()) {
        return;
    }
    const bool by_ssh = found.scheme == http::Endpoint::Scheme::ssh;
    check(!by_ssh || (!found.host.empty() && found.host.front() != '-'), "a host that is an option to ssh");
    check(!by_ssh || found.user.empty() || found.user.front() != '-', "a user that is an option to ssh");
    http::Endpoint again;
    check(code_of([&] { again = http::parse_endpoint(found.text(), found.tls); }).empty(),
          "an endpoint cannot be read again");
    check_equal(again.text(), found.text(), "an endpoint changes");
    check(again.host == found.host && again.port == found.port && again.path == found.path && again.user == found.user,
          "an endpoint's parts change");
}

void ports(std::string_view text) {
    std::string quoted;
    for (const char c : text) {
        quoted += c;
        quoted += c == '\'' ? "'" : "";
    }
    ReadOptions options;
    options.use_process_environment = false;
    const auto result = try_read_spec_text("services:\n  a:\n    image: x\n    ports: ['" + quoted + "']\n",
                                           "/nonexistent/spec.yaml", options);
    const ServiceSpec* const service = result.spec.find_service("a");
    if (has_errors(result.diagnostics) || service == nullptr) {
        return;
    }
    for (const auto& port : *service->ports) {
        check(port.target->size() >= 1, "a range of ports ends before it begins");
        if (port.published.given() && port.published->how == PublishedPort::How::fixed) {
            check(port.published->range.size() >= 1, "a range of ports ends before it begins");
        }
    }
}

void names(std::string_view text) {
    const std::string project = project_name_from(text);
    check(project.empty() || is_project_name(project), "a project's name is none");
    check_equal(escape_controls(escape_controls(text)), escape_controls(text), "escaping twice changes a text");
    check(is_name(text) <= (text.size() <= 63), "a name is too long");
    check(short_id(text).size() <= std::max<std::size_t>(text.size(), 12), "a short id is long");
    static_cast<void>(is_host_name(text));
    static_cast<void>(variable_part(text));
    static_cast<void>(looks_secret(text));
    static_cast<void>(redact(text));
    check(text_distance(text.substr(0, 32), text.substr(0, 32)) == 0, "a text is far from itself");
    static_cast<void>(near_matches(text.substr(0, 32), {"image", "command", "environment"}));
    code_of([&] {
        const auto encoded = http::encode_segment(text);
        check(encoded.find_first_of("/?#% \r\n", 0) == std::string::npos ||
                  encoded.find_first_of("/?# \r\n") == std::string::npos,
              "a segment of a path ends early");
    });
}

void pattern(std::string_view text) {
    const auto feed = text.find('\n');
    try {
        const Pattern found{std::string(text.substr(0, feed))};
        static_cast<void>(found.found_in(feed == std::string_view::npos ? text : text.substr(feed + 1)));
    } catch (const BadPattern& error) {
        check(error.position() >= 1 && error.position() <= text.size() + 1, "a mistake outside of its pattern");
    }
    check(Pattern::of_literal(text).found_in(text), "a literal is not found in itself");
}

}  // namespace
}  // namespace berth::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace berth::fuzz;
    Input input(data, size);
    const char what = static_cast<char>(input.byte());
    const auto text = input.rest();
    switch (what) {
        case 'd':
            duration(text);
            break;
        case 's':
            berth::fuzz::size(text);
            break;
        case 'n':
            number(text);
            break;
        case 'i':
            image(text);
            break;
        case 'e':
            endpoint(text);
            break;
        case 'p':
            ports(text);
            break;
        case 'r':
            pattern(text);
            break;
        default:
            names(text);
    }
    return 0;
}
