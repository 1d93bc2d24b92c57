// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

struct pg_conn;
struct redisContext;

namespace shop {

/// There is less in stock than was asked for.
class SoldOut : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Takes orders: stock and orders live in Postgres, the number of orders a product is cached in Redis.
class Orders {
  public:
    /// @param database `postgresql://user:password@host:port/name`
    /// @param cache `redis://host:port`
    Orders(const std::string& database, const std::string& cache);
    ~Orders();
    Orders(const Orders&) = delete;
    Orders& operator=(const Orders&) = delete;

    /// Takes `amount` out of stock and stores an order; its number. All or nothing.
    long place(const std::string& product, int amount);
    int stock(const std::string& product);
    /// How many orders there are for a product; from the cache where it is there.
    long placed(const std::string& product);

  private:
    struct Close {
        void operator()(pg_conn* connection) const;
        void operator()(redisContext* connection) const;
    };
    std::unique_ptr<pg_conn, Close> database_;
    std::unique_ptr<redisContext, Close> cache_;
};

}  // namespace shop
