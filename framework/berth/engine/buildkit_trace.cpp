// SPDX-License-Identifier: Apache-2.0
#include <berth/engine/internal/buildkit_trace.hpp>

namespace berth::engine {
namespace {

/// The fields of one protobuf message, in the order they come.
class Fields {
  public:
    explicit Fields(std::string_view bytes) : rest_(bytes) {}

    /// The next field. @returns false at the end, and when something is wrong (then why() says what)
    bool next() {
        if (rest_.empty() || !why_.empty()) {
            return false;
        }
        const std::uint64_t key = varint();
        constexpr std::uint64_t k_greatest_number = (1ULL << 29U) - 1;
        number_ = key >> 3U;
        if (why_.empty() && (number_ == 0 || number_ > k_greatest_number)) {
            why_ = "a field number out of range";
        }
        if (!why_.empty()) {
            return false;
        }
        kind_ = static_cast<unsigned>(key & 7U);
        value_ = 0;
        bytes_ = {};
        constexpr std::size_t k_eight = 8;
        constexpr std::size_t k_four = 4;
        switch (kind_) {
            case k_varint:
                value_ = varint();
                break;
            case k_fixed64:
                take(k_eight);
                break;
            case k_length:
                take(varint());
                break;
            case k_fixed32:
                take(k_four);
                break;
            default:  // groups ended with protobuf 2
                why_ = "a field of an unknown kind";
        }
        return why_.empty();
    }

    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    [[nodiscard]] bool is_bytes() const noexcept { return kind_ == k_length; }
    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::string text() const { return std::string(bytes_); }
    /// Of a varint; 0 for any other kind.
    [[nodiscard]] std::int64_t value() const noexcept { return static_cast<std::int64_t>(value_); }
    [[nodiscard]] const std::string& why() const noexcept { return why_; }

  private:
    static constexpr unsigned k_varint = 0;
    static constexpr unsigned k_fixed64 = 1;
    static constexpr unsigned k_length = 2;
    static constexpr unsigned k_fixed32 = 5;

    std::uint64_t varint() {
        constexpr unsigned k_bits = 64;
        std::uint64_t result = 0;
        for (unsigned shift = 0; shift < k_bits && why_.empty(); shift += 7U) {
            if (rest_.empty()) {
                why_ = "a number without an end";
                return 0;
            }
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            result |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if ((byte & 0x80U) == 0) {
                return result;
            }
        }
        if (why_.empty()) {
            why_ = "a number of more than 64 bits";
        }
        return 0;
    }

    void take(std::uint64_t size) {
        if (why_.empty() && size > rest_.size()) {
            why_ = "a length beyond the end";
        }
        if (why_.empty()) {
            bytes_ = rest_.substr(0, static_cast<std::size_t>(size));
            rest_.remove_prefix(static_cast<std::size_t>(size));
        }
    }

    std::string_view rest_;
    std::uint64_t number_{0};
    unsigned kind_{0};
    std::uint64_t value_{0};
    std::string_view bytes_;
    std::string why_;
};

bool read(std::string_view bytes, BuildTrace::Vertex& vertex, std::string& why) {
    Fields fields(bytes);
    while (fields.next()) {
        switch (fields.number()) {
            case 1:
                vertex.digest = fields.text();
                break;
            case 3:
                vertex.name = fields.text();
                break;
            case 4:
                vertex.cached = fields.value() != 0;
                break;
            case 5:
                vertex.started = true;
                break;
            case 6:
                vertex.completed = true;
                break;
            case 7:
                vertex.error = fields.text();
                break;
            default:
                break;
        }
    }
    why = fields.why();
    return why.empty();
}

bool read(std::string_view bytes, BuildTrace::Status& status, std::string& why) {
    Fields fields(bytes);
    while (fields.next()) {
        switch (fields.number()) {
            case 1:
                status.id = fields.text();
                break;
            case 2:
                status.vertex = fields.text();
                break;
            case 4:
                status.current = fields.value();
                break;
            case 5:
                status.total = fields.value();
                break;
            case 8:
                status.completed = true;
                break;
            default:
                break;
        }
    }
    why = fields.why();
    return why.empty();
}

bool read(std::string_view bytes, BuildTrace::Log& log, std::string& why) {
    Fields fields(bytes);
    while (fields.next()) {
        switch (fields.number()) {
            case 1:
                log.vertex = fields.text();
                break;
            case 3:
                log.stream = fields.value();
                break;
            case 4:
                log.text = fields.text();
                break;
            default:
                break;
        }
    }
    why = fields.why();
    return why.empty();
}

bool read(std::string_view bytes, BuildTrace::Warning& warning, std::string& why) {
    Fields fields(bytes);
    while (fields.next()) {
        if (fields.number() == 1) {
            warning.vertex = fields.text();
        } else if (fields.number() == 3) {
            warning.text = fields.text();
        }
    }
    why = fields.why();
    return why.empty();
}

template <class Part>
bool add(std::string_view bytes, std::vector<Part>& parts, std::string& why) {
    return read(bytes, parts.emplace_back(), why);
}

}  // namespace

bool decode_build_trace(std::string_view bytes, BuildTrace& trace, std::string& why) {
    Fields fields(bytes);
    while (fields.next()) {
        if (!fields.is_bytes()) {
            continue;
        }
        bool good = true;
        switch (fields.number()) {
            case 1:
                good = add(fields.bytes(), trace.vertexes, why);
                break;
            case 2:
                good = add(fields.bytes(), trace.statuses, why);
                break;
            case 3:
                good = add(fields.bytes(), trace.logs, why);
                break;
            case 4:
                good = add(fields.bytes(), trace.warnings, why);
                break;
            default:
                break;
        }
        if (!good) {
            return false;
        }
    }
    why = fields.why();
    return why.empty();
}

}  // namespace berth::engine
