"""Deadlines and same-model retries around any provider, behind the same interface.

No task per piece of text: one watch per attempt sets a timer now and then and cancels the reader when it is late.
"""
