// SPDX-License-Identifier: Apache-2.0
#include <berth/gtest.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace {

berth::EnvironmentSpec cannot_be_made() {
    throw std::runtime_error("the spec cannot be made\nfor a reason of two lines");
}

}  // namespace

BERTH_ENVIRONMENT(first, "no-such.yaml", {.on_setup_failure = berth::testing::OnSetupFailure::skip});
BERTH_ENVIRONMENT(second, cannot_be_made());

namespace {

TEST(First, UsesIt) {
    ADD_FAILURE() << "the body of a test ran: " << first->folder() << second->folder();
}

}  // namespace
