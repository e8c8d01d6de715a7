"""What is made of many answers: charts, usage reports, the digest."""
