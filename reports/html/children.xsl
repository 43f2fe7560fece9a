<?xml version="1.0" encoding="UTF-8"?>
<!-- children.xsl - the ledger as a page: what the service holds, and what is wrong (ledger/page.c writes its document). -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<xsl:include href="page.xsl"/>

<xsl:template match="/r:ledger">
	<html lang="en-GB">
		<xsl:call-template name="head">
			<xsl:with-param name="title"><xsl:value-of select="concat(@headline, ' CP-IS ledger')"/></xsl:with-param>
			<xsl:with-param name="tool" select="@tool"/>
		</xsl:call-template>
		<xsl:value-of select="$n"/>
		<body class="alone">
			<xsl:call-template name="masthead">
				<xsl:with-param name="name">CP-IS ledger</xsl:with-param>
				<xsl:with-param name="about"><xsl:call-template name="day"><xsl:with-param name="date" select="@at"/></xsl:call-template></xsl:with-param>
			</xsl:call-template>
			<main id="main">
				<xsl:call-template name="verdict"/>
				<xsl:call-template name="causes"/>
				<xsl:if test="r:expected"><xsl:call-template name="expected"/></xsl:if>
				<xsl:call-template name="totals"/>
				<xsl:call-template name="unknown"/>
				<xsl:call-template name="children"/>
			</main>
		</body>
	</html>
</xsl:template>

<xsl:template name="verdict">
	<xsl:value-of select="$n"/>
	<section id="verdict" aria-labelledby="verdict-title" class="certificate verdict-{@verdict}">
		<div class="verdict">
			<h1 id="verdict-title"><xsl:value-of select="@headline"/></h1>
			<p class="lead">
				<xsl:text>What the national service held on </xsl:text>
				<xsl:call-template name="day"><xsl:with-param name="date" select="@at"/></xsl:call-template>
				<xsl:text>, by the uploads, acknowledgements and notices since </xsl:text>
				<xsl:call-template name="day"><xsl:with-param name="date" select="@from"/></xsl:call-template>
				<xsl:text>.</xsl:text>
			</p>
		</div>
		<dl class="tiles tiles-four">
			<xsl:for-each select="r:tile">
				<div class="tile"><xsl:if test="@class"><xsl:attribute name="class"><xsl:value-of select="concat('tile tile-', @class)"/></xsl:attribute></xsl:if><dt><xsl:value-of select="@name"/></dt><dd><xsl:value-of select="format-number(@number, '#,##0')"/></dd></div>
			</xsl:for-each>
		</dl>
	</section>
</xsl:template>

<xsl:template name="causes">
	<xsl:value-of select="$n"/>
	<section id="causes" aria-labelledby="causes-title">
		<xsl:call-template name="titled"><xsl:with-param name="id">causes</xsl:with-param><xsl:with-param name="title">What is wrong, by cause</xsl:with-param></xsl:call-template>
		<xsl:if test="not(r:cause)"><p>Nothing was found to be wrong.</p></xsl:if>
		<xsl:for-each select="r:cause">
			<xsl:value-of select="$n"/>
			<xsl:variable name="id">
				<xsl:value-of select="@rule"/>
				<xsl:if test="preceding-sibling::r:cause[1]/@rule = @rule"><xsl:value-of select="concat('-', position())"/></xsl:if>
			</xsl:variable>
			<article class="rule rule-{@severity}" aria-labelledby="{$id}">
				<p class="rule-line">
					<xsl:call-template name="tag"><xsl:with-param name="status" select="@severity"/></xsl:call-template>
					<xsl:text> </xsl:text><code class="rule-id"><xsl:value-of select="@rule"/></code>
					<xsl:text> </xsl:text><span class="muted"><xsl:call-template name="plural"><xsl:with-param name="count" select="@number"/><xsl:with-param name="noun">finding</xsl:with-param></xsl:call-template></span>
				</p>
				<h3 id="{$id}"><xsl:value-of select="r:title"/></h3>
				<dl class="advice">
					<dt>Why it matters</dt><dd><xsl:value-of select="r:why"/></dd>
					<dt>How to fix it</dt><dd><xsl:value-of select="r:fix"/></dd>
				</dl>
				<ul class="occurrences">
					<xsl:for-each select="r:finding">
						<xsl:value-of select="$n"/>
						<li class="occurrence">
							<p class="said initial"><xsl:value-of select="."/></p>
							<p class="where">
								<xsl:value-of select="concat('Authority ', @authority)"/>
								<xsl:if test="@on"><xsl:text>, since </xsl:text><xsl:call-template name="day"><xsl:with-param name="date" select="@on"/></xsl:call-template></xsl:if>
							</p>
						</li>
					</xsl:for-each>
				</ul>
				<xsl:if test="@number &gt; count(r:finding)">
					<p class="more"><xsl:value-of select="concat('And ', format-number(@number - count(r:finding), '#,##0'), ' more: ')"/><code>cpis ledger --report csv</code> lists all.</p>
				</xsl:if>
			</article>
		</xsl:for-each>
	</section>
</xsl:template>

<xsl:template name="expected">
	<xsl:value-of select="$n"/>
	<section id="expected" aria-labelledby="expected-title">
		<xsl:call-template name="titled"><xsl:with-param name="id">expected</xsl:with-param><xsl:with-param name="title">Compared with what is expected</xsl:with-param></xsl:call-template>
		<p><xsl:value-of select="concat(format-number(r:expected/@same, '#,##0'), ' of ', format-number(r:expected/@records, '#,##0'), ' expected records are held as expected.')"/></p>
		<xsl:if test="r:expected/r:difference">
			<ul class="occurrences">
				<xsl:for-each select="r:expected/r:difference">
					<xsl:value-of select="$n"/>
					<li class="occurrence"><p class="said initial"><xsl:value-of select="."/></p></li>
				</xsl:for-each>
			</ul>
		</xsl:if>
		<xsl:if test="r:expected/@number &gt; count(r:expected/r:difference)">
			<p class="more"><xsl:value-of select="concat('And ', format-number(r:expected/@number - count(r:expected/r:difference), '#,##0'), ' more: ')"/><code>cpis ledger --report csv</code> lists all.</p>
		</xsl:if>
	</section>
</xsl:template>

<xsl:template name="totals">
	<xsl:variable name="months" select="r:months"/>
	<xsl:value-of select="$n"/>
	<section id="totals" aria-labelledby="totals-title">
		<xsl:call-template name="titled"><xsl:with-param name="id">totals</xsl:with-param><xsl:with-param name="title">Totals</xsl:with-param></xsl:call-template>
		<div class="charts">
			<div class="chart">
				<table class="counts">
					<caption>What was read, and what it comes to</caption>
					<thead><tr><th scope="col">What</th><th scope="col" class="number">How many</th></tr></thead>
					<tbody>
						<xsl:for-each select="r:count">
							<tr><th scope="row"><xsl:value-of select="@name"/></th><td class="number"><xsl:value-of select="format-number(@number, '#,##0')"/></td></tr>
						</xsl:for-each>
					</tbody>
				</table>
			</div>
		</div>
		<h3 id="over-time">Plans over time</h3>
		<svg class="over-time" viewBox="0 0 {$months/@width} {$months/@height}" preserveAspectRatio="none" aria-hidden="true">
			<xsl:for-each select="$months/r:line">
				<polyline class="time-line time-line-{@name}" points="{@points}"></polyline>
			</xsl:for-each>
		</svg>
		<p class="small"><span class="time-key time-key-open" aria-hidden="true"></span>Plans in force <span class="time-key time-key-shown" aria-hidden="true"></span>Plans that a query shows</p>
		<details>
			<summary>The same as a table</summary>
			<table>
				<caption>Plans at the end of each month</caption>
				<thead><tr><th scope="col">Month</th><th scope="col" class="number">In force</th><th scope="col" class="number">Shown</th></tr></thead>
				<tbody>
					<xsl:for-each select="$months/r:month">
						<tr><th scope="row"><xsl:value-of select="@name"/></th><td class="number"><xsl:value-of select="format-number(@open, '#,##0')"/></td><td class="number"><xsl:value-of select="format-number(@shown, '#,##0')"/></td></tr>
					</xsl:for-each>
				</tbody>
			</table>
		</details>
	</section>
</xsl:template>

<xsl:template name="unknown">
	<xsl:if test="r:unknown">
		<xsl:value-of select="$n"/>
		<section id="unknown" aria-labelledby="unknown-title">
			<xsl:call-template name="titled"><xsl:with-param name="id">unknown</xsl:with-param><xsl:with-param name="title">Not known</xsl:with-param></xsl:call-template>
			<p>What the service does in these cases is not public, so the ledger does not say.</p>
			<ul>
				<xsl:for-each select="r:unknown">
					<li><xsl:value-of select="."/><xsl:text> </xsl:text><span class="muted"><xsl:call-template name="plural"><xsl:with-param name="count" select="@number"/><xsl:with-param name="noun">time</xsl:with-param></xsl:call-template></span></li>
				</xsl:for-each>
			</ul>
		</section>
	</xsl:if>
	<xsl:if test="r:unread">
		<xsl:value-of select="$n"/>
		<section id="unread" aria-labelledby="unread-title">
			<xsl:call-template name="titled"><xsl:with-param name="id">unread</xsl:with-param><xsl:with-param name="title">Not read</xsl:with-param></xsl:call-template>
			<ul>
				<xsl:for-each select="r:unread"><li><code class="source"><xsl:value-of select="@file"/></code><xsl:value-of select="concat(': ', .)"/></li></xsl:for-each>
			</ul>
		</section>
	</xsl:if>
	<xsl:if test="r:skipped">
		<xsl:value-of select="$n"/>
		<section id="skipped" aria-labelledby="skipped-title">
			<xsl:call-template name="titled"><xsl:with-param name="id">skipped</xsl:with-param><xsl:with-param name="title">Skipped</xsl:with-param></xsl:call-template>
			<ul>
				<xsl:for-each select="r:skipped"><li><code class="source"><xsl:value-of select="@file"/></code><xsl:value-of select="concat(': ', .)"/></li></xsl:for-each>
			</ul>
		</section>
	</xsl:if>
</xsl:template>

<xsl:template name="children">
	<xsl:variable name="width" select="r:children/@width"/>
	<xsl:if test="r:children/r:child">
		<xsl:value-of select="$n"/>
		<section id="children" aria-labelledby="children-title">
			<xsl:call-template name="titled">
				<xsl:with-param name="id">children</xsl:with-param>
				<xsl:with-param name="title">
					<xsl:choose>
						<xsl:when test="r:children/@all">Children</xsl:when>
						<xsl:when test="@since">Children with findings or changes</xsl:when>
						<xsl:otherwise>Children with findings</xsl:otherwise>
					</xsl:choose>
				</xsl:with-param>
			</xsl:call-template>
			<p class="small">
				<xsl:text>Each line runs from </xsl:text>
				<xsl:call-template name="day"><xsl:with-param name="date" select="@from"/></xsl:call-template>
				<xsl:text> to </xsl:text>
				<xsl:call-template name="day"><xsl:with-param name="date" select="@at"/></xsl:call-template>
				<xsl:text>. The table of events below it says the same.</xsl:text>
			</p>
			<xsl:for-each select="r:children/r:child">
				<xsl:value-of select="$n"/>
				<article class="child" aria-labelledby="child-{position()}">
					<h3 id="child-{position()}"><xsl:value-of select="@number"/></h3>
					<ul class="lines">
						<xsl:for-each select="r:plan">
							<li>
								<xsl:value-of select="concat(@authority, ': ', @kind, ' from ')"/>
								<xsl:call-template name="day"><xsl:with-param name="date" select="@start"/></xsl:call-template>
								<xsl:if test="@end"><xsl:text> to </xsl:text><xsl:call-template name="day"><xsl:with-param name="date" select="@end"/></xsl:call-template></xsl:if>
								<xsl:value-of select="concat(', ', @state, ', ', @shown)"/>
								<xsl:if test="@upload"><xsl:value-of select="concat(', since upload ', @upload)"/></xsl:if>
							</li>
						</xsl:for-each>
					</ul>
					<svg class="timeline" viewBox="-4 0 {$width + 8} {count(r:plan) * 24}" aria-hidden="true">
						<xsl:for-each select="r:plan">
							<line class="timeline-axis" x1="0" x2="{$width}" y1="{position() * 24 - 12}" y2="{position() * 24 - 12}"></line>
							<xsl:if test="@width"><rect class="timeline-plan timeline-{translate(substring(@shown, 1, 9), ' ', '-')}" x="{@x}" y="{position() * 24 - 17}" width="{@width}" height="10"></rect></xsl:if>
						</xsl:for-each>
						<xsl:for-each select="r:event">
							<circle class="part part-{@class}" cx="{@x}" cy="{@row * 24 + 12}" r="4"></circle>
						</xsl:for-each>
					</svg>
					<table class="stack">
						<caption class="unseen">Events</caption>
						<thead><tr><th scope="col">Date</th><th scope="col">Plan</th><th scope="col">What happened</th></tr></thead>
						<tbody>
							<xsl:for-each select="r:event">
								<tr>
									<th scope="row"><time datetime="{@on}"><xsl:call-template name="day"><xsl:with-param name="date" select="@on"/></xsl:call-template></time></th>
									<td data-label="Plan"><xsl:value-of select="@plan"/><xsl:if test="not(@plan)">All</xsl:if></td>
									<td data-label="What happened"><span class="initial"><xsl:value-of select="."/></span><xsl:if test="@new"><xsl:text> </xsl:text><xsl:call-template name="tag"><xsl:with-param name="status">new</xsl:with-param></xsl:call-template></xsl:if></td>
								</tr>
							</xsl:for-each>
						</tbody>
					</table>
				</article>
			</xsl:for-each>
			<xsl:if test="r:children/r:more">
				<p class="more"><xsl:value-of select="concat('And ', format-number(r:children/r:more, '#,##0'), ' more: ')"/><code>cpis ledger --report json</code> lists all.</p>
			</xsl:if>
		</section>
	</xsl:if>
</xsl:template>

</xsl:stylesheet>
