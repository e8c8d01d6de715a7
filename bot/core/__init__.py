"""What every floor of Switchboard speaks: values, closed unions and interfaces. No I/O happens here."""
