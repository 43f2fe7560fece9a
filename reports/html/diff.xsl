<?xml version="1.0" encoding="UTF-8"?>
<!-- diff.xsl - what changed between two runs, as a page (report/diff.c writes its document). -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<xsl:include href="page.xsl"/>

<xsl:variable name="new" select="/r:diff/r:new/@number"/>
<xsl:variable name="fixed" select="/r:diff/r:fixed/@number"/>
<xsl:variable name="cases" select="/r:diff/r:case"/>

<xsl:template match="/r:diff">
	<html lang="en-GB">
		<xsl:call-template name="head">
			<xsl:with-param name="title">What changed between two CP-IS runs</xsl:with-param>
			<xsl:with-param name="tool" select="@tool"/>
		</xsl:call-template>
		<xsl:value-of select="$n"/>
		<body class="alone">
			<xsl:call-template name="masthead">
				<xsl:with-param name="name">CP-IS: what changed</xsl:with-param>
				<xsl:with-param name="about" select="normalize-space(concat(r:run[2]/@system, ' ', r:run[2]/@version))"/>
			</xsl:call-template>
			<main id="main">
				<xsl:call-template name="verdict"/>
				<xsl:call-template name="runs"/>
				<xsl:if test="$cases"><xsl:call-template name="cases"/></xsl:if>
				<xsl:if test="r:gone"><xsl:call-template name="gone"/></xsl:if>
				<xsl:call-template name="list"><xsl:with-param name="id">new</xsl:with-param><xsl:with-param name="title">New findings</xsl:with-param><xsl:with-param name="list" select="r:new"/></xsl:call-template>
				<xsl:if test="r:unlisted/@number &gt; 0">
					<xsl:call-template name="list"><xsl:with-param name="id">unlisted</xsl:with-param><xsl:with-param name="title">Findings that were not listed before</xsl:with-param><xsl:with-param name="list" select="r:unlisted"/></xsl:call-template>
				</xsl:if>
				<xsl:if test="r:unjudged/@number &gt; 0">
					<xsl:call-template name="list"><xsl:with-param name="id">unjudged</xsl:with-param><xsl:with-param name="title">Findings that are no longer checked</xsl:with-param><xsl:with-param name="list" select="r:unjudged"/></xsl:call-template>
				</xsl:if>
				<xsl:if test="r:accepted/@number &gt; 0">
					<xsl:call-template name="list"><xsl:with-param name="id">accepted</xsl:with-param><xsl:with-param name="title">Findings that are accepted or lowered</xsl:with-param><xsl:with-param name="list" select="r:accepted"/></xsl:call-template>
				</xsl:if>
				<xsl:call-template name="list"><xsl:with-param name="id">fixed</xsl:with-param><xsl:with-param name="title">Fixed findings</xsl:with-param><xsl:with-param name="list" select="r:fixed"/></xsl:call-template>
			</main>
		</body>
	</html>
</xsl:template>

<xsl:template name="verdict">
	<xsl:value-of select="$n"/>
	<section id="verdict" aria-labelledby="verdict-title">
		<xsl:attribute name="class">
			<xsl:text>certificate verdict-</xsl:text>
			<xsl:choose>
				<xsl:when test="@verdict = 'fail'">fail</xsl:when>
				<xsl:otherwise>pass</xsl:otherwise>
			</xsl:choose>
		</xsl:attribute>
		<div class="verdict">
			<h1 id="verdict-title">
				<xsl:choose>
					<xsl:when test="$new &gt; 0 or @worse &gt; 0 or r:loss">Something is worse than before</xsl:when>
					<xsl:when test="@verdict = 'fail'">Something is no longer checked</xsl:when>
					<xsl:when test="$fixed &gt; 0 or r:accepted/@number &gt; 0 or $cases">Nothing is worse, and something changed</xsl:when>
					<xsl:otherwise>Nothing changed</xsl:otherwise>
				</xsl:choose>
			</h1>
			<xsl:for-each select="r:loss"><p class="caution"><strong>Worse: </strong><xsl:value-of select="concat(., '.')"/></p></xsl:for-each>
			<p class="lead">
				<xsl:choose>
					<xsl:when test="r:because">
						<xsl:text>The runs differ: </xsl:text>
						<xsl:call-template name="causes"/>
						<xsl:text>.</xsl:text>
					</xsl:when>
					<xsl:otherwise>The pack, the rules, the version of cpis and the options are the same.</xsl:otherwise>
				</xsl:choose>
				<xsl:if test="r:option">
					<xsl:text> Options that differ: </xsl:text>
					<xsl:for-each select="r:option"><xsl:if test="position() &gt; 1">, </xsl:if><code><xsl:value-of select="concat('--', .)"/></code></xsl:for-each>
					<xsl:text>.</xsl:text>
				</xsl:if>
			</p>
		</div>
		<dl class="tiles tiles-four">
			<div class="tile"><xsl:if test="$new &gt; 0"><xsl:attribute name="class">tile tile-failed</xsl:attribute></xsl:if><dt>New findings</dt><dd><xsl:value-of select="format-number($new, '#,##0')"/></dd></div>
			<div class="tile"><xsl:if test="$fixed &gt; 0"><xsl:attribute name="class">tile tile-passed</xsl:attribute></xsl:if><dt>Fixed</dt><dd><xsl:value-of select="format-number($fixed, '#,##0')"/></dd></div>
			<div class="tile"><dt>Unchanged</dt><dd><xsl:value-of select="format-number(@unchanged, '#,##0')"/></dd></div>
			<div class="tile"><xsl:if test="@worse &gt; 0"><xsl:attribute name="class">tile tile-failed</xsl:attribute></xsl:if><dt>Cases that changed</dt><dd><xsl:value-of select="format-number(count($cases), '#,##0')"/></dd></div>
		</dl>
	</section>
</xsl:template>

<xsl:template name="causes">
	<xsl:for-each select="r:because">
		<xsl:choose>
			<xsl:when test="position() = 1"/>
			<xsl:when test="position() = last()"> and </xsl:when>
			<xsl:otherwise>, </xsl:otherwise>
		</xsl:choose>
		<xsl:value-of select="."/>
	</xsl:for-each>
	<xsl:if test="not(r:because)">nothing recorded changed</xsl:if>
</xsl:template>

<xsl:template name="runs">
	<xsl:value-of select="$n"/>
	<section id="runs" aria-labelledby="runs-title">
		<xsl:call-template name="titled"><xsl:with-param name="id">runs</xsl:with-param><xsl:with-param name="title">The two runs</xsl:with-param></xsl:call-template>
		<table class="stack">
			<caption>The earlier run and the later one</caption>
			<thead><tr><th scope="col">What</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
			<tbody>
				<tr>
					<th scope="row">Verdict</th>
					<xsl:for-each select="r:run"><td data-label="{substring('BeforeAfter', 1 + 6 * (position() - 1), 6)}"><xsl:call-template name="tag"><xsl:with-param name="status" select="@verdict"/></xsl:call-template><span class="small"><xsl:value-of select="r:headline"/></span></td></xsl:for-each>
				</tr>
				<xsl:call-template name="pair"><xsl:with-param name="name">System</xsl:with-param><xsl:with-param name="one" select="normalize-space(concat(r:run[1]/@system, ' ', r:run[1]/@version))"/><xsl:with-param name="other" select="normalize-space(concat(r:run[2]/@system, ' ', r:run[2]/@version))"/></xsl:call-template>
				<xsl:call-template name="pair"><xsl:with-param name="name">Supplier</xsl:with-param><xsl:with-param name="one" select="r:run[1]/@supplier"/><xsl:with-param name="other" select="r:run[2]/@supplier"/></xsl:call-template>
				<tr>
					<th scope="row">Date</th>
					<xsl:for-each select="r:run"><td data-label="{substring('BeforeAfter', 1 + 6 * (position() - 1), 6)}"><xsl:choose><xsl:when test="@date"><xsl:call-template name="date"/></xsl:when><xsl:otherwise>Not recorded</xsl:otherwise></xsl:choose></td></xsl:for-each>
				</tr>
				<tr>
					<th scope="row">Packs</th>
					<xsl:for-each select="r:run"><td data-label="{substring('BeforeAfter', 1 + 6 * (position() - 1), 6)}"><xsl:for-each select="r:pack"><span class="certificate-pack"><xsl:value-of select="concat(@name, ' ', @version)"/></span></xsl:for-each><xsl:if test="not(r:pack)">None</xsl:if></td></xsl:for-each>
				</tr>
				<xsl:call-template name="pair"><xsl:with-param name="name">cpis</xsl:with-param><xsl:with-param name="one" select="r:run[1]/@tool"/><xsl:with-param name="other" select="r:run[2]/@tool"/></xsl:call-template>
			</tbody>
		</table>
	</section>
</xsl:template>

<xsl:template name="pair">
	<xsl:param name="name"/>
	<xsl:param name="one"/>
	<xsl:param name="other"/>
	<xsl:value-of select="$n"/>
	<tr>
		<th scope="row"><xsl:value-of select="$name"/></th>
		<td data-label="Before"><xsl:value-of select="$one"/><xsl:if test="not(string($one))">Not named</xsl:if></td>
		<td data-label="After">
			<xsl:value-of select="$other"/><xsl:if test="not(string($other))">Not named</xsl:if>
			<xsl:if test="string($one) != string($other)"><xsl:text> </xsl:text><xsl:call-template name="tag"><xsl:with-param name="status">changed</xsl:with-param></xsl:call-template></xsl:if>
		</td>
	</tr>
</xsl:template>

<xsl:template name="cases">
	<xsl:value-of select="$n"/>
	<section id="cases" aria-labelledby="cases-title">
		<xsl:call-template name="titled"><xsl:with-param name="id">cases</xsl:with-param><xsl:with-param name="title">Cases that changed</xsl:with-param></xsl:call-template>
		<table class="stack">
			<caption>Cases with another outcome than before</caption>
			<thead><tr><th scope="col">Case</th><th scope="col">Before</th><th scope="col">After</th><th scope="col">Because</th></tr></thead>
			<tbody>
				<xsl:for-each select="$cases">
					<xsl:value-of select="$n"/>
					<tr>
						<th scope="row"><code><xsl:value-of select="concat(@pack, '/', @id)"/></code></th>
						<td data-label="Before"><xsl:call-template name="tag"><xsl:with-param name="status" select="@before"/></xsl:call-template></td>
						<td data-label="After"><xsl:call-template name="tag"><xsl:with-param name="status" select="@after"/></xsl:call-template></td>
						<td data-label="Because"><xsl:call-template name="causes"/></td>
					</tr>
				</xsl:for-each>
			</tbody>
		</table>
	</section>
</xsl:template>

<xsl:template name="gone">
	<xsl:value-of select="$n"/>
	<section id="gone" aria-labelledby="gone-title">
		<xsl:call-template name="titled"><xsl:with-param name="id">gone</xsl:with-param><xsl:with-param name="title">Messages that are gone</xsl:with-param></xsl:call-template>
		<table class="stack">
			<caption>Messages of the earlier run that the later one does not have</caption>
			<thead><tr><th scope="col">Message</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
			<tbody>
				<xsl:for-each select="r:gone">
					<xsl:value-of select="$n"/>
					<tr>
						<th scope="row"><xsl:value-of select="@source"/></th>
						<td data-label="Before"><xsl:call-template name="tag"><xsl:with-param name="status" select="@verdict"/></xsl:call-template></td>
						<td data-label="After"><xsl:value-of select="@why"/><xsl:if test="not(@why)">Not there</xsl:if></td>
					</tr>
				</xsl:for-each>
			</tbody>
		</table>
	</section>
</xsl:template>

<xsl:template name="list">
	<xsl:param name="id"/>
	<xsl:param name="title"/>
	<xsl:param name="list"/>
	<xsl:value-of select="$n"/>
	<section id="{$id}" aria-labelledby="{$id}-title">
		<xsl:call-template name="titled"><xsl:with-param name="id" select="$id"/><xsl:with-param name="title" select="$title"/></xsl:call-template>
		<xsl:if test="$list/@number = 0"><p>None.</p></xsl:if>
		<ul class="occurrences">
			<xsl:for-each select="$list/r:finding">
				<xsl:value-of select="$n"/>
				<li class="occurrence">
					<p class="rule-line">
						<xsl:call-template name="tag"><xsl:with-param name="status" select="@severity"/></xsl:call-template>
						<xsl:text> </xsl:text><code><xsl:value-of select="@rule"/></code>
						<xsl:text> </xsl:text><span class="muted"><xsl:value-of select="r:title"/></span>
					</p>
					<p class="said"><xsl:value-of select="r:message"/></p>
					<p class="where">
						<xsl:value-of select="@source"/>
						<xsl:if test="@line"><xsl:value-of select="concat(', line ', @line, ', column ', @column)"/></xsl:if>
						<xsl:if test="@case"><xsl:value-of select="concat(', case ', @case)"/></xsl:if>
						<xsl:text>. Because </xsl:text>
						<xsl:call-template name="causes"/>
						<xsl:text>.</xsl:text>
					</p>
					<xsl:if test="r:path"><p class="path"><code><xsl:value-of select="r:path"/></code></p></xsl:if>
					<xsl:apply-templates select="r:excerpt"/>
					<xsl:if test="$id = 'new'"><p class="where"><strong>How to fix it: </strong><xsl:value-of select="r:fix"/></p></xsl:if>
				</li>
			</xsl:for-each>
		</ul>
		<xsl:if test="$list/@number &gt; count($list/r:finding)">
			<p class="more"><xsl:value-of select="concat('And ', format-number($list/@number - count($list/r:finding), '#,##0'), ' more: ')"/><code>cpis diff --report json</code> lists all.</p>
		</xsl:if>
	</section>
</xsl:template>

</xsl:stylesheet>
