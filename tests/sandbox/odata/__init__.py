"""OData query options: a grammar, what it yields, and how rows are judged by it. Knows no vendor's tables."""
