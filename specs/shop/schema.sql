CREATE TABLE products (
    id     integer PRIMARY KEY,
    name   text    NOT NULL UNIQUE,
    price  integer NOT NULL CHECK (price > 0),  -- in cents
    stock  integer NOT NULL CHECK (stock >= 0)
);

CREATE TABLE orders (
    id         bigserial PRIMARY KEY,
    product_id integer     NOT NULL REFERENCES products,
    amount     integer     NOT NULL CHECK (amount > 0),
    placed_at  timestamptz NOT NULL DEFAULT now()
);
